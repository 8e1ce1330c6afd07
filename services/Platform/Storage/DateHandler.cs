using System.Data;
using Dapper;

namespace Marketplace.Platform.Storage;

/// <summary>Lets Dapper carry <see cref="DateOnly"/> to and from <c>date</c> columns.</summary>
public sealed class DateHandler : SqlMapper.TypeHandler<DateOnly>
{
    /// <inheritdoc />
    public override void SetValue(IDbDataParameter parameter, DateOnly value) => parameter.Value = value;

    /// <inheritdoc />
    public override DateOnly Parse(object value) => value is DateOnly date ? date : DateOnly.FromDateTime((DateTime)value);
}
