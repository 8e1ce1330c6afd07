using Marketplace.LocalSidecar.Storage;
using Npgsql;

namespace Marketplace.LocalSidecar.Publishing;

/// <summary>Stores messages under the outbound policies of their component (wire contract §2, §12).</summary>
internal sealed class PublishThroughPolicies(MessageIntake intake, ConsumerGroups groups, TimeSpan wait)
{
    /// <summary>Null when all messages are durable, else what went wrong; then it is unknown whether they are.</summary>
    public async Task<string?> StoreAsync(LocalApp app, string pubsub, IReadOnlyList<OutgoingMessage> messages, CancellationToken ct)
    {
        if (!groups.AllKnown.IsCompleted && !await AllKnownInTimeAsync(ct))
            return $"these apps have never been seen, their subscriptions are not known: {string.Join(", ", groups.Unknown)}";

        var policy = app.Policies.Outbound(pubsub);
        var breaker = app.Breaker("outbound:" + pubsub, policy.Breaker);
        for (var attempt = 1; ; attempt++)
        {
            if (breaker?.TryEnter() == false)
                return "circuit breaker is open";
            var problem = await TryOnceAsync(messages, policy.Timeout, ct);
            breaker?.Record(problem is null);
            if (problem is null)
                return null;
            if (policy.Retry?.PauseAfter(attempt, null, Random.Shared.NextDouble()) is not { } pause)
                return problem;
            await Task.Delay(pause, ct);
        }
    }

    private async Task<string?> TryOnceAsync(IReadOnlyList<OutgoingMessage> messages, TimeSpan? timeout, CancellationToken ct)
    {
        try
        {
            await intake.StoreAsync(messages).WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, ct);
            return null;
        }
        catch (Exception problem) when (problem is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            return problem.Message;
        }
    }

    private async Task<bool> AllKnownInTimeAsync(CancellationToken ct)
    {
        try
        {
            await groups.AllKnown.WaitAsync(wait, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
