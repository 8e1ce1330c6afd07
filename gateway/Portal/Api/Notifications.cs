namespace Marketplace.Portal.Api;

/// <summary>What a notification is about; its kind says which of these it has.</summary>
public sealed record NoticeFields(
    Guid? PoolId = null, string? PoolTitle = null, Guid? CommitmentId = null, long? AmountCents = null, int? MissingQuantity = null, long? UnitPriceCents = null, string? Number = null,
    string? Criterion = null, DateTime? Until = null);

/// <summary>Something that the reader has been told.</summary>
public sealed record Notice(Guid Id, string Kind, NoticeFields Data, DateTime GivenAt, DateTime? ReadAt);

/// <summary>A page of them, and how many are unread in all.</summary>
public sealed record NoticePage(IReadOnlyList<Notice> Items, string? NextCursor, long UnreadCount, DateTime AsOf);

/// <summary>How many the reader has not read.</summary>
public sealed record UnreadNotices(long Count);

/// <summary>Whether they are mailed too, and in which language.</summary>
public sealed record NoticePreferences(bool ByEmail, string? Language, string Email, bool EmailIsSent);
