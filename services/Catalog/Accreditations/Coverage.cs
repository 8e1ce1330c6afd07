using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Messages;
using Npgsql;

namespace Marketplace.Catalog.Accreditations;

/// <summary>Categories × territories: what an accreditation allows, or what a pack needs.</summary>
[method: ExplicitConstructor]
public sealed record Scope(string[] Categories, string[] Territories);

/// <summary>Whether a provider's active accreditations cover a pack (DOMAIN §1).</summary>
public static class Coverage
{
    /// <summary>An accreditation under which packs may be listed.</summary>
    public const string Active = "active";

    /// <summary>The refusal when none does.</summary>
    public static Problem NotAccredited { get; } = Problem.Conflict(
        "not-accredited",
        "No active accreditation covers this pack.",
        "A pack is listed under one active accreditation whose scope holds its category and all its territories.");

    /// <summary>True when one of the accreditations alone holds the category and every territory.</summary>
    /// <param name="active">The provider's active accreditations.</param>
    /// <param name="category">The pack's category.</param>
    /// <param name="territories">The pack's territories.</param>
    public static bool Holds(IEnumerable<Scope> active, string category, string[] territories) =>
        active.Any(a => a.Categories.Contains(category) && territories.All(a.Territories.Contains));

    /// <summary>The scopes of a provider's active accreditations.</summary>
    public static async Task<IReadOnlyList<Scope>> ActiveAsync(NpgsqlConnection db, Guid providerId) =>
        (await db.QueryAsync<Scope>("select categories, territories from accreditation where provider_id = @providerId and status = @Active", new { providerId, Active })).AsList();

    /// <summary>
    /// Lets one transaction at a time decide about a provider's listings, until it ends: a pack is not listed while the
    /// accreditation behind it is being suspended.
    /// </summary>
    public static Task LockAsync(NpgsqlConnection db, Guid providerId) =>
        db.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended(@key, 1))", new { key = providerId.ToString() });

    /// <summary>
    /// A provider that was granted its accreditation a moment ago may list before this service has heard of it: waits a
    /// little for the scope to be covered. Holds neither a transaction nor a connection between two looks.
    /// </summary>
    public static Task ArrivalAsync(NpgsqlDataSource source, Guid providerId, string category, string[] territories, CancellationToken ct) =>
        Arrival.OfAsync(
            async () =>
            {
                await using var db = await source.OpenConnectionAsync(ct);
                var active = await ActiveAsync(db, providerId);
                return Holds(active, category, territories) ? active : null;
            },
            ct);
}
