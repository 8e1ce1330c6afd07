namespace Marketplace.Events.Notes;

/// <summary>A note was written.</summary>
public sealed record NoteWritten(Guid NoteId, string Title, int Version);

/// <summary>A note was stamped; consumed in bulk.</summary>
public sealed record NoteStamped(Guid StampId, Guid NoteId, string Ink, int Version);

/// <summary>A second shape of a fact.</summary>
public sealed record NoteWrittenV2(Guid NoteId, string Headline, int Version);
