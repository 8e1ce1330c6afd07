using System.Text.Json;
using Dapper;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Subsidies.Grants;

/// <summary>The new state of a commitment's aid.</summary>
/// <param name="Commitment">The commitment, with its new status and versions.</param>
/// <param name="Calculation">How its aid was computed; null when it was released.</param>
/// <param name="CountsFrom">The joining of a reservation, the day of a grant (UTC).</param>
public sealed record Outcome(Commitment Commitment, Calculation? Calculation, DateTime CountsFrom)
{
    /// <summary>The parts as other services are told.</summary>
    public AidPart[] Parts => Calculation!.Decision.Steps.Select(s => new AidPart(s.ProgrammeId, s.Funder, s.AmountCents, s.LimitedBy)).ToArray();
}

/// <summary>Writes outcomes, moves the envelopes and tells it: commitments, grants, totals, ledger and facts in one transaction.</summary>
public sealed class SaveAid(Session session, FactLog facts, GeneralLedger ledger)
{
    private const int ChunkSize = 2_000;

    /// <summary>Writes everything that a computation came to.</summary>
    public async Task SaveAsync(IReadOnlyList<Outcome> outcomes, IReadOnlyList<Movement> movements, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var postings = new List<Posting>();
        foreach (var chunk in outcomes.Chunk(ChunkSize))
        {
            await CommitmentsAsync(db, chunk, ct);
            postings.AddRange(await SaveGrants.RunAsync(db, chunk, ct));
            await facts.AppendAsync(chunk.Select(Fact).ToList(), ct);
        }

        await db.ExecuteAsync(
            """
            update programme p set reserved_cents = p.reserved_cents + m.reserved, granted_cents = p.granted_cents + m.granted
            from unnest(@ids, @reserved, @granted) as m (id, reserved, granted) where p.id = m.id
            """,
            new
            {
                ids = movements.Select(m => m.ProgrammeId).ToArray(),
                reserved = movements.Select(m => m.ReservedCents).ToArray(),
                granted = movements.Select(m => m.GrantedCents).ToArray(),
            });

        // What returns is written first: read from the first entry on, no envelope is ever below zero.
        await ledger.AppendAsync(postings.OrderBy(p => p.Debit != Accounts.Available), ct);
    }

    private NewFact Fact(Outcome outcome)
    {
        var c = outcome.Commitment;
        return facts.New(c.Id, c.AidVersion, c.Status switch
        {
            Commitment.Reserved => new AidReserved(c.Id, c.PoolId, c.PlacedVersion, outcome.Parts, c.AidVersion),
            Commitment.Granted => new AidGranted(c.Id, c.PoolId, outcome.Calculation!.Inputs.NetCents, outcome.Parts, outcome.CountsFrom, c.AidVersion),
            _ => new AidReleased(c.Id, c.PoolId, c.AidVersion),
        });
    }

    private static async Task CommitmentsAsync(NpgsqlConnection db, Outcome[] chunk, CancellationToken ct)
    {
        var commitments = chunk.Select(o => o.Commitment).ToList();
        await using var command = new NpgsqlCommand(
            """
            insert into commitment (id, pool_id, siren, departement, headcount, turnover_cents, category, programme_ids, net_cents, joined_at, placed_version,
              status, aid_version, cut, calculation, organisation_name, siret)
            select id, pool_id, siren, departement, headcount, turnover_cents, category, string_to_array(programme_ids, ',')::uuid[], net_cents, joined_at, placed_version,
              status, aid_version, cut, calculation, organisation_name, siret
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
              as c (id, pool_id, siren, departement, headcount, turnover_cents, category, programme_ids, net_cents, joined_at, placed_version, status, aid_version, cut, calculation,
                organisation_name, siret)
            on conflict (id) do update set departement = excluded.departement, headcount = excluded.headcount, turnover_cents = excluded.turnover_cents,
              net_cents = excluded.net_cents, placed_version = excluded.placed_version, status = excluded.status, aid_version = excluded.aid_version, cut = excluded.cut,
              calculation = coalesce(excluded.calculation, commitment.calculation), organisation_name = excluded.organisation_name, siret = excluded.siret
            """, db);
        Add(command, NpgsqlDbType.Uuid, commitments.Select(c => c.Id));
        Add(command, NpgsqlDbType.Uuid, commitments.Select(c => c.PoolId));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.Siren));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.Departement));
        Add(command, NpgsqlDbType.Integer, commitments.Select(c => c.Headcount));
        Add(command, NpgsqlDbType.Bigint, commitments.Select(c => c.TurnoverCents));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.Category));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => string.Join(',', c.ProgrammeIds)));
        Add(command, NpgsqlDbType.Bigint, commitments.Select(c => c.NetCents));
        Add(command, NpgsqlDbType.TimestampTz, commitments.Select(c => c.JoinedAt));
        Add(command, NpgsqlDbType.Integer, commitments.Select(c => c.PlacedVersion));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.Status));
        Add(command, NpgsqlDbType.Integer, commitments.Select(c => c.AidVersion));
        Add(command, NpgsqlDbType.Boolean, chunk.Select(o => o.Commitment.Status == Commitment.Reserved && o.Calculation!.Decision.Steps.Any(s => s.LimitedBy.Contains(Limits.Envelope))));
        Add(command, NpgsqlDbType.Jsonb, chunk.Select(o => o.Calculation is null ? null : JsonSerializer.Serialize(o.Calculation, Json.Options)));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.OrganisationName));
        Add(command, NpgsqlDbType.Text, commitments.Select(c => c.Siret));
        await command.ExecuteNonQueryAsync(ct);
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
