using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Payees;

/// <summary>A provider as it is paid.</summary>
/// <param name="ProviderId">Its organisation.</param>
/// <param name="Name">Its name.</param>
/// <param name="Siret">Its SIRET (14 digits), when an accreditation or its own token told it.</param>
/// <param name="Iban">Its account, normalised; null as long as nobody told one.</param>
/// <param name="Version">From 1.</param>
public sealed record Payee(Guid ProviderId, string Name, string? Siret, string? Iban, int Version)
{
    /// <summary>The columns of the table, in the record's order.</summary>
    public const string Columns = "provider_id, name, siret, iban, version";

    /// <summary>Reads and locks one; null when there is none.</summary>
    public static Task<Payee?> LockedAsync(NpgsqlConnection db, Guid providerId) =>
        db.QuerySingleOrDefaultAsync<Payee?>($"select {Columns} from payee where provider_id = @providerId for update", new { providerId });
}
