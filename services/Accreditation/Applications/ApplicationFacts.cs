namespace Marketplace.Accreditation.Applications;

/// <summary>A provider opened an application.</summary>
public sealed record ApplicationOpened(Guid ProviderId, string ProviderName, string Siret, int SchemeVersion, string[] Categories, string[] Territories);

/// <summary>A document was put in, or replaced.</summary>
public sealed record EvidenceProvided(string CriterionKey, string MediaType, int Size, string Sha256, DateOnly? ExpiresOn);

/// <summary>The provider handed the application in.</summary>
/// <param name="IbanEnding">The last four characters of the account that it wants to be paid on, if it gave one.</param>
public sealed record ApplicationSubmitted(string? IbanEnding);

/// <summary>An assessor evaluated it against the criteria.</summary>
public sealed record ApplicationEvaluated(IReadOnlyList<Finding> Findings);

/// <summary>An assessor sent it back for missing evidence.</summary>
public sealed record ApplicationReturned(string Reason);

/// <summary>Another assessor granted the accreditation.</summary>
public sealed record ApplicationGranted(Guid AccreditationId, string Number, DateTime ValidUntil, string? Reason);

/// <summary>Another assessor refused the accreditation.</summary>
public sealed record ApplicationRefused(string Reason);

/// <summary>What an evaluation found for one criterion.</summary>
/// <param name="CriterionKey">The criterion.</param>
/// <param name="Met">Whether the evidence shows that it is met.</param>
/// <param name="Note">The assessor's note, if there is one.</param>
public sealed record Finding(string CriterionKey, bool Met, string? Note);
