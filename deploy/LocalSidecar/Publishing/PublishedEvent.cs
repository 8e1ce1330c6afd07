namespace Marketplace.LocalSidecar.Publishing;

/// <summary>One event as an app handed it over, before it is put into its envelope.</summary>
/// <param name="ContentType">The Content-Type header verbatim; null or empty when absent.</param>
/// <param name="Metadata">Publish metadata; the dictionary compares keys without regard to case.</param>
/// <param name="TraceParent">W3C traceparent of the publisher's span, "" for none.</param>
internal sealed record PublishedEvent(
    string PubSub,
    string Topic,
    string AppId,
    string? ContentType,
    ReadOnlyMemory<byte> Body,
    IReadOnlyDictionary<string, string> Metadata,
    string TraceParent = "",
    string TraceState = "");

/// <summary>The envelope's bytes, or why there is none.</summary>
internal readonly record struct Envelope(byte[]? Bytes, string? Error);
