namespace Marketplace.LocalSidecar.Publishing;

/// <summary>POST or PUT /v1.0/publish/bulk/{pubsub}/{topic} (wire contract §3). One transaction: all entries are stored or none.</summary>
internal sealed class PublishInBulk(PublishThroughPolicies store, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context, LocalApp app, string path)
    {
        var (target, error) = PublishTarget.Read(app, path, context.Request.Query);
        if (target is null)
        {
            await error!.WriteAsync(context);
            return;
        }
        var (entries, problem) = BulkEntries.Read(await RequestBody.ReadAsync(context), target.Metadata);
        if (problem is not null)
        {
            await DaprError.BadBulk(target.PubSub, target.Topic, problem).WriteAsync(context);
            return;
        }

        var messages = new List<OutgoingMessage>(entries.Count);
        foreach (var entry in entries)
        {
            var body = new Envelope(entry.Event, null);
            if (!target.RawPayload)
                body = CloudEventEnvelope.Wrap(
                    new PublishedEvent(
                        target.PubSub, target.Topic, app.AppId, entry.ContentType, entry.Event, entry.Metadata,
                        PublishEvent.TraceOf(context), context.Request.Headers["tracestate"].ToString()),
                    clock.GetLocalNow(),
                    Guid.NewGuid());
            if (body.Bytes is null)
            {
                var refused = DaprError.BadBulk(target.PubSub, target.Topic, $"entry {entry.EntryId}: {body.Error}") with { Reason = "DAPR_PUBSUB_MARSHAL_ENVELOPE" };
                await refused.WriteAsync(context);
                return;
            }
            messages.Add(new OutgoingMessage(target.PubSub, target.Topic, body.Bytes));
        }

        if (messages.Count > 0 && await store.StoreAsync(app, target.PubSub, messages, context.RequestAborted) is { } failure)
            await WriteFailedAsync(context, entries, failure);
        else
            await Answer.NoContent(context);
    }

    private static Task WriteFailedAsync(HttpContext context, List<BulkEntry> entries, string failure) => Answer.JsonAsync(context, 500, json =>
    {
        json.WriteStartArray("failedEntries");
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("entryId", entry.EntryId);
            json.WriteString("error", failure);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("errorCode", "ERR_PUBSUB_PUBLISH_MESSAGE");
    });
}
