using Marketplace.PaymentSimulator.Objects;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Time;

/// <summary>What happens by itself once its time has come: holds expire, debits and refunds settle, payouts arrive.</summary>
public sealed partial class RunDueWork(NpgsqlDataSource database, TimeProvider time, Wake wake, ILogger<RunDueWork> log) : BackgroundService
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var signal = wake.Next;
            var rest = LongestRest;
            try
            {
                while (await RunOne(stoppingToken))
                    wake.Up();
                rest = await UntilNext(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailure(e);
                rest = TimeSpan.FromSeconds(5);
            }

            await signal.WaitAsync(rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> RunOne(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var now = time.GetUtcNow();
        await using var next = new NpgsqlCommand(
            "delete from due_work where id = (select id from due_work where at <= $1 order by at, id limit 1 for update skip locked) returning action, object",
            connection)
        { Parameters = { new() { Value = now.ToUnixTimeSeconds() } } };
        string action, target;
        await using (var reader = await next.ExecuteReaderAsync(ct))
        {
            if (!await reader.ReadAsync(ct))
                return false;
            (action, target) = (reader.GetString(0), reader.GetString(1));
        }

        var session = new Session(connection, now, Json.NewId("req"), null, "");
        await Run(session, action, target);
        await session.Flush();
        await transaction.CommitAsync(ct);
        return true;
    }

    private static async Task Run(Session session, string action, string target)
    {
        switch (action.Split(':')[0])
        {
            case "expire-hold" when await session.Load("payment_intent", target) is { } intent && intent.Text("status") == "requires_capture":
                await Charging.Release(session, intent, null, expired: true);
                break;
            case "settle-debit" when await session.Load("payment_intent", target) is { } intent:
                await SepaDebits.Settle(session, intent);
                break;
            case "settle-refund" when await session.Load("refund", target) is { } refund:
                Refunds.Settle(session, refund);
                break;
            case "fail-refund" when await session.Load("refund", target) is { } refund:
                await Refunds.Fail(session, refund);
                break;
            case "arrive-payout" when await session.Load("payout", target) is { } payout:
                Payouts.Arrive(session, payout);
                break;
            case "dispute" when await session.Load("charge", target) is { } charge:
                Disputes.Open(session, charge, action.Split(':')[1]);
                break;
        }
    }

    private async Task<TimeSpan> UntilNext(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select min(at) from due_work");
        if (await command.ExecuteScalarAsync(ct) is not long at)
            return LongestRest;
        var rest = DateTimeOffset.FromUnixTimeSeconds(at) - time.GetUtcNow();
        return rest < TimeSpan.FromMilliseconds(20) ? TimeSpan.FromMilliseconds(20) : rest < LongestRest ? rest : LongestRest;
    }

    [LoggerMessage(LogLevel.Error, "Work that fell due failed; it is tried again")]
    private partial void LogFailure(Exception e);
}
