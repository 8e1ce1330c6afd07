using Dapper;
using Marketplace.Subsidies.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Subsidies.Grants;

/// <summary>Writes the grants of outcomes, one per programme, and says what the ledger has to say of them.</summary>
public static class SaveGrants
{
    /// <summary>Up to the engagement, the account that holds a grant is named like its status.</summary>
    private sealed record Held(Guid Id, Guid CommitmentId, Guid ProgrammeId, string Status, long Cents);

    private sealed record Part(Guid Id, Commitment Commitment, AidStep Step, DateTime CountsFrom, Held? Before);

    /// <summary>Writes them. A released commitment gives back what it holds; the service is not done yet.</summary>
    /// <returns>The entries, in no particular order.</returns>
    public static async Task<IReadOnlyList<Posting>> RunAsync(NpgsqlConnection db, Outcome[] outcomes, CancellationToken ct)
    {
        var before = (await db.QueryAsync<Held>(
            "select id, commitment_id, programme_id, status, reserved_cents + granted_cents as cents from aid_grant where commitment_id = any(@ids)",
            new { ids = outcomes.Select(o => o.Commitment.Id).ToArray() })).ToDictionary(h => (h.CommitmentId, h.ProgrammeId));
        var released = outcomes.Where(o => o.Commitment.Status == Commitment.Released).Select(o => o.Commitment.Id).ToHashSet();
        await db.ExecuteAsync(
            "update aid_grant set status = 'released', reserved_cents = 0, granted_cents = 0, committed_cents = 0 where commitment_id = any(@released)", new { released = released.ToArray() });

        // An unknown programme has a part of zero in the facts, and no grant.
        var parts = outcomes.Where(o => !released.Contains(o.Commitment.Id))
            .SelectMany(o => o.Calculation!.Decision.Steps.Where(s => s.Funder.Length > 0), (o, step) =>
            {
                var held = before.GetValueOrDefault((o.Commitment.Id, step.ProgrammeId));
                return new Part(held?.Id ?? Guid.CreateVersion7(), o.Commitment, step, o.CountsFrom, held);
            })
            .ToList();
        await WriteAsync(db, parts, ct);
        return
        [
            .. before.Values.Where(h => released.Contains(h.CommitmentId)).Select(h => new Posting(h.ProgrammeId, Accounts.Available, h.Status, h.Cents, "released", h.Id)),
            .. parts.SelectMany(Postings),
        ];
    }

    private static async Task WriteAsync(NpgsqlConnection db, List<Part> parts, CancellationToken ct)
    {
        var actNumbers = await ActNumbers.NextAsync(db, parts.Select(p => p.Commitment.Status == Commitment.Granted && p.Step.AmountCents > 0 ? p.CountsFrom : (DateTime?)null).ToList());
        await using var command = new NpgsqlCommand(
            """
            insert into aid_grant (id, commitment_id, programme_id, pool_id, siren, status, reserved_cents, granted_cents, limited_by, counts_from, act_number)
            select id, commitment_id, programme_id, pool_id, siren, status, case status when 'reserved' then cents else 0 end, case status when 'granted' then cents else 0 end,
              string_to_array(limited_by, ','), counts_from, act_number
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as g (id, commitment_id, programme_id, pool_id, siren, status, cents, limited_by, counts_from, act_number)
            on conflict (commitment_id, programme_id) do update set status = excluded.status, reserved_cents = excluded.reserved_cents, granted_cents = excluded.granted_cents,
              limited_by = excluded.limited_by, counts_from = excluded.counts_from, act_number = excluded.act_number
            """, db);
        Add(command, NpgsqlDbType.Uuid, parts.Select(p => p.Id));
        Add(command, NpgsqlDbType.Uuid, parts.Select(p => p.Commitment.Id));
        Add(command, NpgsqlDbType.Uuid, parts.Select(p => p.Step.ProgrammeId));
        Add(command, NpgsqlDbType.Uuid, parts.Select(p => p.Commitment.PoolId));
        Add(command, NpgsqlDbType.Text, parts.Select(p => p.Commitment.Siren));
        Add(command, NpgsqlDbType.Text, parts.Select(p => p.Commitment.Status));
        Add(command, NpgsqlDbType.Bigint, parts.Select(p => p.Step.AmountCents));
        Add(command, NpgsqlDbType.Text, parts.Select(p => string.Join(',', p.Step.LimitedBy)));
        Add(command, NpgsqlDbType.TimestampTz, parts.Select(p => p.CountsFrom));
        Add(command, NpgsqlDbType.Text, actNumbers);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>From what a grant held to what it holds now: the common part moves, the rest comes from the envelope or returns to it.</summary>
    private static IEnumerable<Posting> Postings(Part part)
    {
        var programme = part.Step.ProgrammeId;
        var (held, holds) = (part.Before?.Cents ?? 0, part.Step.AmountCents);
        var (from, to) = (held == 0 ? Accounts.Available : part.Before!.Status, part.Commitment.Status);
        if (from != to && from != Accounts.Available)
        {
            yield return new Posting(programme, to, from, Math.Min(held, holds), to, part.Id);
        }

        yield return holds > held
            ? new Posting(programme, to, Accounts.Available, holds - held, to, part.Id)
            : new Posting(programme, Accounts.Available, from, held - holds, "returned", part.Id);
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
