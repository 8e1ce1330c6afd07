using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>Gathers the messages of subscriptions that asked for bulk delivery (wire contract §4.7), one request at a time per topic.</summary>
internal sealed class DeliverInBulk(DeliverMessages deliver, CancellationToken stopping)
{
    private sealed record Entry(string Id, Delivery Delivery, PreparedDelivery Prepared);

    private readonly ConcurrentDictionary<(string PubSub, string Topic), (Channel<Delivery> Waiting, Task Work)> _topics = new();

    public void Add(Delivery delivery, Subscription subscription)
    {
        lock (_topics)
        {
            var topic = _topics.GetOrAdd((subscription.PubSub, subscription.Topic), _ =>
            {
                var waiting = Channel.CreateUnbounded<Delivery>();
                return (waiting, GatherAsync(waiting.Reader));
            });
            topic.Waiting.Writer.TryWrite(delivery);
        }
    }

    public async Task FinishAsync()
    {
        foreach (var (waiting, work) in _topics.Values)
        {
            waiting.Writer.TryComplete();
            await work;
        }
    }

    private async Task GatherAsync(ChannelReader<Delivery> waiting)
    {
        while (await waiting.WaitToReadAsync(CancellationToken.None))
        {
            if (!waiting.TryRead(out var first))
                continue;
            if (!deliver.App.Subscriptions.TryGetValue((first.PubSub, first.Topic), out var subscription) || subscription.Bulk is not { } bulk)
            {
                deliver.PutBack(first);
                continue;
            }
            List<Delivery> gathered = [first];
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            patience.CancelAfter(bulk.MaxWait);
            try
            {
                while (gathered.Count < bulk.MaxMessages)
                    gathered.Add(await waiting.ReadAsync(patience.Token));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ChannelClosedException)
            {
            }
            await SendAsync(gathered, subscription);
        }
    }

    private async Task SendAsync(List<Delivery> gathered, Subscription subscription)
    {
        var entries = new List<Entry>();
        foreach (var delivery in gathered)
            if (deliver.TryPrepare(delivery, subscription, out var prepared))
                entries.Add(new Entry(Guid.NewGuid().ToString(), delivery, prepared));

        foreach (var route in entries.GroupBy(entry => entry.Prepared.Path))
        {
            try
            {
                await SendAsync(route.Key, [.. route], subscription);
            }
            catch (OperationCanceledException)
            {
                foreach (var entry in route)
                    deliver.PutBack(entry.Delivery);
            }
        }
    }

    private async Task SendAsync(string path, List<Entry> entries, Subscription subscription)
    {
        var policy = deliver.App.Policies.Inbound(subscription.PubSub);
        var breaker = deliver.App.Breaker("inbound:" + subscription.PubSub, policy.Breaker);
        if (breaker?.TryEnter() == false)
        {
            foreach (var entry in entries)
                deliver.Fail(entry.Delivery, subscription, null, isFinal: true, "the circuit breaker is open");
            return;
        }

        using var request = deliver.Request(path);
        request.Content = AppChannel.Content(Body(entries, subscription), "application/json");
        request.Headers.TryAddWithoutValidation("pubsubname", subscription.PubSub);
        var response = await deliver.SendAsync(request, policy);
        var verdicts = response.StatusCode is { } code ? BulkAnswer.Read(code, response.Body, entries.Select(entry => entry.Id)) : [];
        breaker?.Record(verdicts.Count == entries.Count && verdicts.Values.All(verdict => verdict != Verdict.Failure));
        foreach (var entry in entries)
            deliver.Settle(entry.Delivery, subscription, verdicts.GetValueOrDefault(entry.Id, Verdict.Failure), response, policy);
    }

    private static byte[] Body(List<Entry> entries, Subscription subscription)
    {
        var isRaw = subscription.RawPayload == true;
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("id", Guid.NewGuid());
        json.WriteString("type", "com.dapr.event.sent.bulk");
        json.WriteString("pubsubname", subscription.PubSub);
        json.WriteString("topic", subscription.Topic);
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteStartArray("entries");
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("entryId", entry.Id);
            if (isRaw)
                json.WriteBase64String("event", entry.Delivery.Body);
            else
            {
                json.WritePropertyName("event");
                json.WriteRawValue(entry.Prepared.Body, skipInputValidation: true);
            }
            json.WriteString("contentType", isRaw ? "application/octet-stream" : "application/cloudevents+json");
            json.WriteStartObject("metadata");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
