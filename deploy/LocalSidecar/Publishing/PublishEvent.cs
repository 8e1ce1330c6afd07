namespace Marketplace.LocalSidecar.Publishing;

/// <summary>POST or PUT /v1.0/publish/{pubsub}/{topic} (wire contract §2).</summary>
internal sealed class PublishEvent(PublishThroughPolicies store, TimeProvider clock)
{
    public async Task HandleAsync(HttpContext context, LocalApp app, string path)
    {
        var (target, error) = PublishTarget.Read(app, path, context.Request.Query);
        if (target is null)
        {
            await error!.WriteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context);
        if (!target.RawPayload)
        {
            var headers = context.Request.Headers;
            var published = new PublishedEvent(
                target.PubSub, target.Topic, app.AppId, context.Request.ContentType, body, target.Metadata, TraceOf(context), headers["tracestate"].ToString());
            var envelope = CloudEventEnvelope.Wrap(published, clock.GetLocalNow(), Guid.NewGuid());
            if (envelope.Bytes is null)
            {
                await DaprError.BadCloudEvent(target.PubSub, envelope.Error!).WriteAsync(context);
                return;
            }
            body = envelope.Bytes;
        }

        if (await store.StoreAsync(app, target.PubSub, [new OutgoingMessage(target.PubSub, target.Topic, body)], context.RequestAborted) is { } problem)
            await DaprError.NotPublished(target.PubSub, target.Topic, problem).WriteAsync(context);
        else
            await Answer.NoContent(context);
    }

    /// <summary>The caller's traceparent when it is a valid one, else "".</summary>
    internal static string TraceOf(HttpContext context)
    {
        var traceParent = context.Request.Headers["traceparent"].ToString();
        return traceParent.Length > 0 && System.Diagnostics.ActivityContext.TryParse(traceParent, null, out _) ? traceParent : "";
    }
}
