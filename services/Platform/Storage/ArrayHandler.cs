using System.Data;
using Dapper;

namespace Marketplace.Platform.Storage;

/// <summary>Lets Dapper read array columns into typed constructor parameters: Npgsql tells their type as <see cref="Array"/> only.</summary>
public sealed class ArrayHandler<T> : SqlMapper.TypeHandler<T[]>
{
    /// <inheritdoc />
    public override void SetValue(IDbDataParameter parameter, T[]? value) => parameter.Value = value is null ? DBNull.Value : value;

    /// <inheritdoc />
    public override T[] Parse(object value) => (T[])value;
}
