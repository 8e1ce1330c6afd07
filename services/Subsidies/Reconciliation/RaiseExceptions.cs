using Dapper;
using Marketplace.Platform.Facts;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>Something is to be resolved by a person; for the history. Amounts in cents.</summary>
public sealed record ExceptionRaised(Guid ExceptionId, string Kind, Guid? MovementId, Guid? TransferId, Guid? RunId, long AmountCents, long? ExpectedCents, string Detail, int Version);

/// <summary>It was resolved; for the history.</summary>
public sealed record ExceptionResolved(Guid ExceptionId, string Kind, string Resolution, string Reason, Guid? TransferId, int Version);

/// <summary>An exception about to be raised.</summary>
public sealed record NewException(
    Guid Id, string Kind, Guid? MovementId, Guid? TransferId, Guid? RunId, Guid? ProgrammeId, long AmountCents, long? ExpectedCents, string Detail);

/// <summary>Raises exceptions, and closes those that the rest of the money has made pointless.</summary>
public static class RaiseExceptions
{
    /// <summary>Raises them, with their facts.</summary>
    public static async Task RunAsync(NpgsqlConnection db, FactLog facts, IReadOnlyList<NewException> raised, DateTime now, CancellationToken ct)
    {
        await db.ExecuteAsync(
            """
            insert into reconciliation_exception (id, kind, movement_id, transfer_id, run_id, programme_id, amount_cents, expected_cents, detail, status, raised_at, version)
            select id, kind, movement_id, transfer_id, run_id, programme_id, amount_cents, expected_cents, detail, 'open', @now, 1
            from unnest(@ids, @kinds, @movements, @transfers, @runs, @programmes, @amounts, @expected, @details)
              as e (id, kind, movement_id, transfer_id, run_id, programme_id, amount_cents, expected_cents, detail)
            """,
            new
            {
                now,
                ids = raised.Select(e => e.Id).ToArray(),
                kinds = raised.Select(e => e.Kind).ToArray(),
                movements = raised.Select(e => e.MovementId).ToArray(),
                transfers = raised.Select(e => e.TransferId).ToArray(),
                runs = raised.Select(e => e.RunId).ToArray(),
                programmes = raised.Select(e => e.ProgrammeId).ToArray(),
                amounts = raised.Select(e => e.AmountCents).ToArray(),
                expected = raised.Select(e => e.ExpectedCents).ToArray(),
                details = raised.Select(e => e.Detail).ToArray(),
            });
        await facts.AppendAsync(
            [.. raised.Select(e => facts.New(e.Id, 1, new ExceptionRaised(e.Id, e.Kind, e.MovementId, e.TransferId, e.RunId, e.AmountCents, e.ExpectedCents, e.Detail, 1)))], ct);
    }

    /// <summary>What was missing came, and the rest of what was partial: nothing is left for a person to decide.</summary>
    public static async Task CloseAsync(NpgsqlConnection db, FactLog facts, Guid[] paidTransferIds, DateTime now, CancellationToken ct)
    {
        const string Reason = "The bank paid what was outstanding.";
        var closed = await db.QueryAsync<(Guid Id, string Kind, Guid? TransferId, int Version)>(
            """
            update reconciliation_exception set status = 'resolved', resolution = 'exact', reason = @Reason, resolved_at = @now, version = version + 1
            where transfer_id = any(@paidTransferIds) and status = 'open' and kind in ('missing', 'partial') returning id, kind, transfer_id, version
            """, new { paidTransferIds, now, Reason });
        await facts.AppendAsync([.. closed.Select(e => facts.New(e.Id, e.Version, new ExceptionResolved(e.Id, e.Kind, Outcomes.Exact, Reason, e.TransferId, e.Version)))], ct);
    }
}
