using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Events.Accreditation;
using Npgsql;

namespace Marketplace.Accreditation.Register;

/// <summary>
/// An accreditation as the public register shows it; why it was suspended or withdrawn, and where its provider is paid,
/// is for those concerned.
/// </summary>
public sealed record AccreditationView(
    Guid Id,
    int Version,
    string Number,
    Guid ProviderId,
    string ProviderName,
    string Siret,
    string[] Categories,
    string[] Territories,
    string Status,
    DateTime ValidFrom,
    DateTime ValidUntil,
    [property: JsonIgnore] string? Iban)
{
    /// <summary>The columns that it is read from.</summary>
    public const string Columns = "id, version, number, provider_id, provider_name, siret, categories, territories, status, valid_from, valid_until, iban";

    /// <summary>The whole state, for those who follow the register.</summary>
    public AccreditationStatusChanged ToFact(string? reason, DateTime changedAt) =>
        new(Id, Number, ProviderId, ProviderName, Siret, Categories, Territories, Status, ValidFrom, ValidUntil, reason, changedAt, Version, Iban);

    /// <summary>Sets a status on rows that are locked, and reads them as they are then.</summary>
    public static Task<IEnumerable<AccreditationView>> ChangeAsync(NpgsqlConnection db, Guid[] ids, string status, string? reason) =>
        db.QueryAsync<AccreditationView>(
            $"update accreditation set status = @status, status_reason = @reason, version = version + 1 where id = any (@ids) returning {Columns}", new { ids, status, reason });
}
