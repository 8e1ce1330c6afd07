namespace Marketplace.LocalSidecar.Resiliency;

internal enum FailureAction { TryAgain, DeadLetter }

/// <param name="Pause">How long the message rests; zero for a dead letter.</param>
/// <param name="Attempts">Attempts to remember for the current round of the retry policy.</param>
/// <param name="Redeliveries">Rounds to remember.</param>
internal readonly record struct FailureDecision(FailureAction Action, TimeSpan Pause, int Attempts, int Redeliveries);

/// <summary>
/// What becomes of a message whose delivery failed (wire contract §4.6): the retry policy first, then the dead-letter topic, then the
/// broker. The broker's part is that of a durable RabbitMQ queue with requeue: it is delivered again, here with a growing pause, and
/// the retry policy starts anew.
/// </summary>
internal static class DecideAfterFailure
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <param name="attempts">Attempts made in this round, this one included.</param>
    /// <param name="isFinal">No retry of this failure is of any use: undecodable, no route could be chosen, breaker open.</param>
    public static FailureDecision Decide(RetryPolicy? retry, int attempts, int redeliveries, int? statusCode, bool isFinal, bool hasDeadLetterTopic, double jitter)
    {
        if (!isFinal && retry?.PauseAfter(attempts, statusCode, jitter) is { } pause)
            return new FailureDecision(FailureAction.TryAgain, pause, attempts, redeliveries);
        if (hasDeadLetterTopic)
            return new FailureDecision(FailureAction.DeadLetter, TimeSpan.Zero, attempts, redeliveries);
        var rest = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(redeliveries, 10))));
        return new FailureDecision(FailureAction.TryAgain, rest, 0, redeliveries + 1);
    }
}
