using Marketplace.LocalSidecar.Resiliency;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>Sends one app its messages, several at a time, and settles each by the app's answer.</summary>
internal sealed class DeliverMessages(DeliveryQueue queue, Settlement settlement, AppChannel channel, TimeProvider clock, int concurrency, ILogger log)
{
    /// <summary>daprd waits for ever without a timeout policy; a lease has to end some time.</summary>
    public static readonly TimeSpan TimeoutWithoutPolicy = TimeSpan.FromSeconds(60);

    private readonly LocalApp _app = queue.App;
    private CancellationToken _stopping;
    private CancellationToken _abort;

    /// <summary>Works until the queue has ended.</summary>
    /// <param name="stopping">No new attempts; what is queued goes back to its group.</param>
    /// <param name="abort">Ends the attempts in flight.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken abort)
    {
        _stopping = stopping;
        _abort = abort;
        var bulk = new DeliverInBulk(this, stopping);
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => WorkAsync(bulk)));
        await bulk.FinishAsync();
    }

    private async Task WorkAsync(DeliverInBulk bulk)
    {
        await foreach (var delivery in queue.Ready.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!_app.Subscriptions.TryGetValue((delivery.PubSub, delivery.Topic), out var subscription))
                    PutBack(delivery);
                else if (subscription.Bulk is not null)
                    bulk.Add(delivery, subscription);
                else
                    await DeliverAsync(delivery, subscription);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                log.LogError(problem, "{App}: delivering {Topic} failed", _app.AppId, delivery.Topic);
                Fail(delivery, null, null, isFinal: true, problem.Message);
            }
            catch (OperationCanceledException)
            {
                PutBack(delivery);
            }
        }
    }

    private async Task DeliverAsync(Delivery delivery, Subscription subscription)
    {
        if (!TryPrepare(delivery, subscription, out var prepared))
            return;
        var policy = _app.Policies.Inbound(delivery.PubSub);
        var breaker = _app.Breaker("inbound:" + delivery.PubSub, policy.Breaker);
        if (breaker?.TryEnter() == false)
        {
            Fail(delivery, subscription, null, isFinal: true, "the circuit breaker is open");
            return;
        }

        using var request = channel.Request(HttpMethod.Post, _app, prepared.Path);
        request.Content = AppChannel.Content(prepared.Body, "application/cloudevents+json");
        request.Headers.TryAddWithoutValidation("pubsubname", delivery.PubSub);
        if (prepared.Fields.TraceParent is { } traceParent)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
            if (prepared.Fields.TraceState is { } traceState)
                request.Headers.TryAddWithoutValidation("tracestate", traceState);
        }

        var response = await SendAsync(request, policy);
        var verdict = response.StatusCode is { } code ? AppAnswer.Read(code, response.Body) : Verdict.Failure;
        breaker?.Record(verdict != Verdict.Failure);
        Settle(delivery, subscription, verdict, response, policy);
    }

    /// <summary>Sends to the app within the policy's time.</summary>
    internal Task<AppResponse> SendAsync(HttpRequestMessage request, TargetPolicy policy) =>
        channel.SendAsync(request, policy.Timeout ?? TimeoutWithoutPolicy, _abort);

    internal LocalApp App => _app;

    internal HttpRequestMessage Request(string path) => channel.Request(HttpMethod.Post, _app, path);

    /// <summary>False when the delivery has been settled without an attempt.</summary>
    internal bool TryPrepare(Delivery delivery, Subscription subscription, out PreparedDelivery prepared)
    {
        prepared = default;
        var leaseLeft = delivery.LeasedUntil - Environment.TickCount64;
        if (leaseLeft < (queue.Lease / 2).TotalMilliseconds)
        {
            // It waited so long here that an attempt could outlast its lease: the table hands it out again.
            queue.Leave();
            return false;
        }
        if (_stopping.IsCancellationRequested || !_app.IsLive)
        {
            PutBack(delivery);
            return false;
        }
        prepared = PrepareDelivery.For(subscription, delivery.Body, clock.GetUtcNow(), Guid.NewGuid());
        switch (prepared.Kind)
        {
            case Preparation.Send:
                return true;
            case Preparation.Unusable:
                Fail(delivery, subscription, null, isFinal: true, prepared.Problem);
                return false;
            default:
                Discard(delivery, subscription, prepared.Kind == Preparation.Expired ? "expired" : "no route");
                return false;
        }
    }

    internal void Settle(Delivery delivery, Subscription subscription, Verdict verdict, AppResponse response, TargetPolicy policy)
    {
        if (verdict == Verdict.Success)
            End(new Settled(SettledAs.Done, delivery.Id));
        else if (verdict == Verdict.Drop)
            Discard(delivery, subscription, "dropped by the app");
        else if (response.IsAway || _stopping.IsCancellationRequested)
            PutBack(delivery);
        else
        {
            // RETRY in a 2xx answer carries no code.
            int? code = response.StatusCode is >= 200 and <= 299 ? null : response.StatusCode;
            Fail(delivery, subscription, code, isFinal: false, response.StatusCode is null ? response.Problem : $"the app answered {response.StatusCode}", policy);
        }
    }

    internal void Fail(Delivery delivery, Subscription? subscription, int? statusCode, bool isFinal, string why, TargetPolicy? policy = null)
    {
        var deadLetterTopic = DeadLetterTopic(delivery, subscription);
        var decision = DecideAfterFailure.Decide(
            policy?.Retry, delivery.Attempts + 1, delivery.Redeliveries, statusCode, isFinal, deadLetterTopic is not null, Random.Shared.NextDouble());
        if (decision.Action == FailureAction.DeadLetter)
        {
            log.LogWarning("{App}: {Topic} goes to {DeadLetterTopic} after {Attempts} attempts: {Why}", _app.AppId, delivery.Topic, deadLetterTopic, decision.Attempts, why);
            End(new Settled(SettledAs.Dead, delivery.Id, DeadLetterTopic: deadLetterTopic!));
            return;
        }
        log.LogInformation("{App}: {Topic} again in {Pause} ms: {Why}", _app.AppId, delivery.Topic, (long)decision.Pause.TotalMilliseconds, why);
        End(new Settled(SettledAs.Later, delivery.Id, _app.AppId, decision.Attempts, decision.Redeliveries, decision.Pause));
    }

    /// <summary>Back to the group as it was; no attempt is counted.</summary>
    internal void PutBack(Delivery delivery)
    {
        // Nobody claims for an app that is known to be away; until that is noticed, do not spin.
        var pause = _app.IsLive ? TimeSpan.FromMilliseconds(200) : TimeSpan.Zero;
        End(new Settled(SettledAs.Later, delivery.Id, _app.AppId, delivery.Attempts, delivery.Redeliveries, pause));
    }

    private void Discard(Delivery delivery, Subscription subscription, string why)
    {
        var deadLetterTopic = DeadLetterTopic(delivery, subscription);
        log.LogWarning("{App}: {Topic} is given up, {Why}; dead letter topic: {DeadLetterTopic}", _app.AppId, delivery.Topic, why, deadLetterTopic ?? "none");
        End(deadLetterTopic is null ? new Settled(SettledAs.Done, delivery.Id) : new Settled(SettledAs.Dead, delivery.Id, DeadLetterTopic: deadLetterTopic));
    }

    private string? DeadLetterTopic(Delivery delivery, Subscription? subscription) =>
        subscription?.DeadLetterTopic is { } topic && _app.MayPublish(delivery.PubSub, topic) ? topic : null;

    private void End(Settled settled)
    {
        settlement.Add(settled);
        queue.Leave();
    }
}
