using System.Diagnostics;
using System.Text.Json;

namespace Marketplace.Platform.Messages;

/// <summary>
/// A bulk delivery is one request for events of many traces, so that only the events say which traces go on here. Each
/// trace gets a span for as long as this is not disposed. What is done meanwhile belongs to the trace when there is but
/// one; else to the request, which then links to them all.
/// </summary>
internal sealed class ContinuedTraces : IDisposable
{
    private static readonly ActivitySource Activities = new("Marketplace.Inbox");
    private readonly Activity? request = Activity.Current;
    private readonly List<Activity> spans = [];

    public ContinuedTraces(string topic, IEnumerable<JsonElement> cloudEvents)
    {
        if (!Activities.HasListeners())
        {
            return;
        }

        foreach (var trace in cloudEvents.Select(Context).Where(context => context != default).GroupBy(context => context.TraceId))
        {
            if (Activities.StartActivity($"process {topic}", ActivityKind.Consumer, trace.First(), links: trace.Skip(1).Select(context => new ActivityLink(context))) is { } span)
            {
                spans.Add(span);
            }
        }

        if (spans.Count > 1)
        {
            Activity.Current = request;
            spans.ForEach(span => request?.AddLink(new ActivityLink(span.Context)));
        }
    }

    public void Dispose()
    {
        spans.ForEach(span => span.Dispose());
        Activity.Current = request;
    }

    private static ActivityContext Context(JsonElement cloudEvent) =>
        cloudEvent.TryGetProperty("traceparent", out var trace) && ActivityContext.TryParse(trace.GetString(), null, isRemote: true, out var context) ? context : default;
}
