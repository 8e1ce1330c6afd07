using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.Grants;
using Npgsql;

namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>Public aid from elsewhere, as the business declares it.</summary>
/// <param name="GrantedOn">The day it was granted.</param>
/// <param name="AmountCents">In cents.</param>
/// <param name="Source">Who granted it.</param>
/// <param name="DeMinimis">Whether it is de minimis aid.</param>
public sealed record Declaration(DateOnly GrantedOn, long AmountCents, string Source, bool DeMinimis);

/// <summary>Where the single undertaking stands under Regulation (EU) 2023/2831 today.</summary>
/// <param name="UsedCents">Declared, granted and held reserved in the last 3 years, in cents.</param>
/// <param name="AvailableCents">What would still fit, in cents.</param>
public sealed record DeMinimisStanding(long UsedCents, long AvailableCents);

/// <summary>A business as a receiver of aid.</summary>
public sealed record Beneficiary(string Siren, string[] LinkedSirens, Declaration[] DeclaredAid, DeMinimisStanding DeMinimis, int Version)
{
    /// <summary>Whether the caller may know of it: finance staff of each, a business only of itself.</summary>
    public static bool IsKnownTo(Caller caller, string siren) =>
        caller.Has(Roles.Finance) || (caller.Has(Roles.Business) && caller.Siren == siren);

    /// <summary>Reads it; one that never declared anything is empty, at version 0.</summary>
    public static async Task<Beneficiary> ReadAsync(NpgsqlConnection db, string siren, DateTime now)
    {
        await using var rows = await db.QueryMultipleAsync(
            """
            select version from beneficiary where siren = @siren;
            select linked from beneficiary_link where siren = @siren order by linked;
            select granted_on, amount_cents, source, de_minimis from declared_aid where siren = @siren order by position;
            """, new { siren });
        var version = await rows.ReadSingleOrDefaultAsync<int>();
        var linked = (await rows.ReadAsync<string>()).ToArray();
        var declared = (await rows.ReadAsync<Declaration>()).ToArray();
        var used = (await LoadAid.BookAsync(db, [], [siren])).PriorDeMinimisCents(siren, now);
        return new Beneficiary(siren, linked, declared, new DeMinimisStanding(used, Math.Max(0, Aid.DeMinimisCeilingCents - used)), version);
    }
}
