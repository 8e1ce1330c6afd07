using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>Businesses that count as one under Regulation (EU) 2023/2831: linked both ways, whoever declared it, and through others (DOMAIN §5).</summary>
public static class SingleUndertaking
{
    /// <summary>For each SIREN, all members of its single undertaking, itself included.</summary>
    public static async Task<ILookup<string, string>> OfAsync(NpgsqlConnection db, string[] sirens)
    {
        var rows = await db.QueryAsync<(string Root, string Member)>(
            """
            with recursive undertaking (root, member) as (
              select siren, siren from unnest(@sirens) as siren
              union
              select u.root, l.other
              from undertaking u
              cross join lateral (
                select linked as other from beneficiary_link where siren = u.member
                union all
                select siren from beneficiary_link where linked = u.member
              ) l
            )
            select root, member from undertaking
            """, new { sirens });
        return rows.ToLookup(r => r.Root, r => r.Member);
    }
}
