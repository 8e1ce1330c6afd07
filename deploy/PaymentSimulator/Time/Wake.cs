namespace Marketplace.PaymentSimulator.Time;

/// <summary>Wakes the background workers when there is something new for them, or when the clock was moved.</summary>
public sealed class Wake
{
    private volatile TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The next signal; take it before looking for work, so that none is missed.</summary>
    public Task Next => _signal.Task;

    /// <summary>Wakes all who wait.</summary>
    public void Up() =>
        Interlocked.Exchange(ref _signal, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
