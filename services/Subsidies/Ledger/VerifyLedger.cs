using System.Data;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Ledger;

/// <summary>
/// Finance staff have the whole ledger verified: every hash computed again, every balance added up again from the first
/// entry on, and compared with the stored balances, with the envelopes and with the grants.
/// </summary>
public sealed class VerifyLedger : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/ledger/verification", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
        .RequireRole(Roles.Finance).Produces<Verification>().WithTags("Ledger").WithSummary("Verify the chain and the balances of the whole ledger");

    /// <summary>The query.</summary>
    public sealed record Query : IQuery;

    /// <summary>An amount that should be the same in two places, in cents.</summary>
    public sealed record Difference(Guid ProgrammeId, string Account, string Between, long LedgerCents, long OtherCents);

    /// <summary>What the verification came to.</summary>
    /// <param name="Entries">How many there are.</param>
    /// <param name="Balanced">Balances, envelopes and grants all say what the entries add up to.</param>
    /// <param name="ChainIntact">Every entry is there, in its place, with the hash of its own content.</param>
    /// <param name="FirstBroken">Sequence of the first entry that is not; null when the chain is intact.</param>
    /// <param name="FirstBrokenReason">What is wrong with it.</param>
    /// <param name="Differences">Where the balances differ.</param>
    public sealed record Verification(long Entries, bool Balanced, bool ChainIntact, long? FirstBroken, string? FirstBrokenReason, IReadOnlyList<Difference> Differences);

    /// <summary>Verifies one state of the database, whatever is written meanwhile.</summary>
    public sealed class Handler(NpgsqlDataSource source) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            await using var db = await source.OpenConnectionAsync(cancellationToken);
            await using var snapshot = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var replay = new Replay();
            await foreach (var row in db.QueryUnbufferedAsync<ReadLedger.Row>($"select {LedgerEntry.Columns}, previous_hash, hash from ledger_entry order by sequence").WithCancellation(cancellationToken))
            {
                replay.Add(row);
            }

            var head = await db.QuerySingleAsync<Head>("select sequence, hash from ledger_head");
            replay.End(head.Sequence, head.Hash);
            var stored = (await db.QueryAsync<Stored>(Sums)).AsList();
            var differences = Differences(replay, stored);
            return Answer.Ok(new Verification(replay.Entries, differences.Count == 0, replay.FirstBroken is null, replay.FirstBroken, replay.Reason, differences));
        }

        private static List<Difference> Differences(Replay replay, List<Stored> stored)
        {
            var keys = stored.Select(s => (s.ProgrammeId, s.Account)).Concat(replay.Balances.Keys).Distinct().Order();
            var amounts = stored.ToLookup(s => (s.ProgrammeId, s.Account, s.Place), s => s.Cents);
            string[] places = ["balances", "envelopes", "grants"];
            return
            [
                .. from key in keys
                   from place in places
                   where place != "grants" || key.Account is not (Accounts.Voted or Accounts.Available)
                   let ledger = replay.Balances.GetValueOrDefault(key)
                   let other = amounts[(key.ProgrammeId, key.Account, place)].Sum()
                   where place != "envelopes" || amounts.Contains((key.ProgrammeId, key.Account, place))
                   where ledger != other
                   select new Difference(key.ProgrammeId, key.Account, place, ledger, other),
            ];
        }

        private sealed record Head(long Sequence, byte[] Hash);

        private sealed record Stored(Guid ProgrammeId, string Account, string Place, long Cents);

        /// <summary>The same amounts as three tables hold them. The envelope knows no stages between granted and paid: its granted is their sum, compared by its available.</summary>
        private const string Sums =
            """
            select programme_id, account, 'balances' as place, balance_cents as cents from ledger_balance
            union all
            select p.id, e.account, 'envelopes', e.cents from programme p cross join lateral (values
              ('voted', -p.budget_cents), ('reserved', p.reserved_cents), ('paid', p.paid_cents), ('recovered', p.recovered_cents),
              ('available', p.budget_cents - p.reserved_cents - p.granted_cents - p.paid_cents - p.recovered_cents)) e (account, cents)
            union all
            select g.programme_id, s.account, 'grants', sum(s.cents)::bigint from aid_grant g cross join lateral (values
              ('reserved', g.reserved_cents), ('granted', g.granted_cents - g.committed_cents), ('committed', g.committed_cents - g.service_done_cents),
              ('service-done', g.service_done_cents - g.ordered_cents), ('ordered', g.ordered_cents - g.paid_cents), ('paid', g.paid_cents - g.recovered_cents),
              ('recovered', g.recovered_cents)) s (account, cents)
            group by g.programme_id, s.account
            """;
    }
}
