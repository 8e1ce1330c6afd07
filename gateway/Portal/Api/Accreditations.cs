namespace Marketplace.Portal.Api;

/// <summary>A criterion of a published scheme; its text is French.</summary>
public sealed record Criterion(string Key, string Text, bool Mandatory, string[] Categories, int? ValidityMonths);

/// <summary>The criteria of a version.</summary>
public sealed record Scheme(int Version, Criterion[] Criteria);

/// <summary>A document of an application.</summary>
public sealed record Evidence(string CriterionKey, string MediaType, int Size, string Sha256, DateOnly? ExpiresOn, DateTime UploadedAt);

/// <summary>What an evaluation found.</summary>
public sealed record Finding(string CriterionKey, bool Met, string? Note);

/// <summary>Who assessed; for assessors.</summary>
public sealed record Assessment(Guid[] Evaluators, Guid? DecidedBy);

/// <summary>An application (API.md, Accreditation); lists leave out the last four.</summary>
public sealed record Application(
    Guid Id, int Version, string Status, int SchemeVersion, Guid ProviderId, string ProviderName, string Siret, string[] Categories, string[] Territories, DateTime CreatedAt, DateTime? SubmittedAt,
    string? ReturnReason, DateTime? EvaluatedAt, DateTime? DecidedAt, string? DecisionReason, Guid? AccreditationId, string? Iban, Evidence[]? Evidence, string[]? MissingEvidence, Finding[]? Findings,
    Assessment? Assessment);

/// <summary>What happened, oldest first.</summary>
public sealed record RecordedHistory(IReadOnlyList<RecordedEvent> Items);
