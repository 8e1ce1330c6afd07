using System.Diagnostics;
using System.Threading.Channels;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Messages;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>One business's wish to join a pool.</summary>
public sealed record JoinRequest(
    Guid PoolId,
    Demand Demand,
    string? PaymentMethod,
    Guid UserId,
    string? Role,
    Guid OrganisationId,
    string OrganisationName,
    string Siren,
    string Siret,
    string Departement,
    int? Headcount,
    long? TurnoverCents,
    string IdempotencyKey,
    byte[] RequestHash);

/// <summary>
/// The one writer of joins in this instance: it folds the joins that wait into one transaction, decides them in memory
/// in their order, and answers after the commit. The pool rows' locks keep several instances right. When a folded
/// transaction fails, each join is tried alone, so that one bad join spoils none of the others.
/// </summary>
public sealed partial class FoldedJoins(NpgsqlDataSource source, OutboxSignal outbox, TimeProvider clock, ILogger<FoldedJoins> log) : BackgroundService
{
    private const int MostPerFold = 256;

    /// <summary>From so many joins a second on, the outbox waits for them.</summary>
    private const int Rush = 300;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Waiting> waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(20_000) { SingleReader = true });

    /// <summary>Hands a join to the writer and waits for its answer.</summary>
    /// <returns>201 with the commitment, the first answer again, or the refusal; 503 while the queue is full.</returns>
    public async Task<Answer> JoinAsync(JoinRequest request, CancellationToken ct)
    {
        var join = new Waiting(request, Activity.Current?.Id);
        return waiting.Writer.TryWrite(join)
            ? await join.Answer.Task.WaitAsync(ct)
            : new Problem(503, "too-busy", "Too many businesses are joining at this moment.", "Try again in a few seconds with the same Idempotency-Key.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var fold = new List<Waiting>(MostPerFold);
        var (joined, since) = (0, Stopwatch.GetTimestamp());
        while (await waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            fold.Clear();
            while (fold.Count < MostPerFold && waiting.Reader.TryRead(out var join))
            {
                fold.Add(join);
            }

            await WriteAsync(fold);
            joined += fold.Count;
            if (Stopwatch.GetElapsedTime(since) is var elapsed && elapsed >= Window)
            {
                if (joined > Rush * elapsed.TotalSeconds)
                {
                    outbox.HoldFor(3 * Window);
                }

                (joined, since) = (0, Stopwatch.GetTimestamp());
            }
        }
    }

    private async Task WriteAsync(List<Waiting> fold)
    {
        try
        {
            await WriteTogetherAsync(fold);
        }
        catch (Exception e) when (fold.Count > 1)
        {
            TogetherFailed(log, e, fold.Count);
            foreach (var join in fold)
            {
                await WriteAsync([join]);
            }
        }
        catch (Exception e)
        {
            fold[0].Answer.TrySetException(e);
        }
    }

    private async Task WriteTogetherAsync(List<Waiting> fold)
    {
        await using var db = await source.OpenConnectionAsync();
        await using var transaction = await db.BeginTransactionAsync();
        var answers = await JoinTransaction.RunAsync(db, fold.Select(j => (j.Request, j.Trace)).ToList(), clock.GetUtcNow().UtcDateTime);
        await transaction.CommitAsync();
        outbox.Wake();
        for (var i = 0; i < fold.Count; i++)
        {
            fold[i].Answer.TrySetResult(answers[i]);
        }
    }

    private sealed record Waiting(JoinRequest Request, string? Trace)
    {
        public TaskCompletionSource<Answer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(LogLevel.Warning, "{Count} joins could not be written together; each is tried alone")]
    private static partial void TogetherFailed(ILogger log, Exception e, int count);
}
