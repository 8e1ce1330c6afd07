namespace Marketplace.Events.Accreditation;

/// <summary>
/// A provider's accreditation was granted, suspended, reinstated, withdrawn or has expired (DOMAIN §4). Carries the
/// whole state, so the one with the highest version is all a consumer needs.
/// </summary>
/// <param name="AccreditationId">The accreditation; the fact's stream.</param>
/// <param name="Number">Its public number in the register.</param>
/// <param name="ProviderId">The provider's organisation.</param>
/// <param name="ProviderName">The provider's name.</param>
/// <param name="Siret">The provider's SIRET (14 digits).</param>
/// <param name="Categories">Pack categories in scope.</param>
/// <param name="Territories">Département codes in scope.</param>
/// <param name="Status"><c>active</c>, <c>suspended</c>, <c>withdrawn</c> or <c>expired</c>.</param>
/// <param name="ValidFrom">Start of validity (UTC).</param>
/// <param name="ValidUntil">Effective end, exclusive (UTC).</param>
/// <param name="Reason">The written reason, where the rule asks for one.</param>
/// <param name="ChangedAt">When the status changed (UTC).</param>
/// <param name="Version">The accreditation's version, from 1.</param>
/// <param name="Iban">The account that the provider is paid on, as it was when the application was submitted; null when it gave none.</param>
public sealed record AccreditationStatusChanged(
    Guid AccreditationId,
    string Number,
    Guid ProviderId,
    string ProviderName,
    string Siret,
    string[] Categories,
    string[] Territories,
    string Status,
    DateTime ValidFrom,
    DateTime ValidUntil,
    string? Reason,
    DateTime ChangedAt,
    int Version,
    string? Iban = null);

/// <summary>
/// Something that a provider's accreditation rests on ends soon, and the provider should hear of it now. The gateway,
/// which alone knows accounts and e-mail addresses, tells it.
/// </summary>
/// <param name="NoticeId">The notice; the fact's stream.</param>
/// <param name="Kind"><c>evidence-expires</c> or <c>accreditation-expires</c>.</param>
/// <param name="ProviderId">The provider's organisation.</param>
/// <param name="Number">The accreditation's public number.</param>
/// <param name="Criterion">The code of the criterion whose evidence ends; null for the accreditation itself.</param>
/// <param name="Until">When it ends, exclusive (UTC).</param>
/// <param name="GivenAt">When (UTC).</param>
/// <param name="Version">Always 1: a notice is given once.</param>
public sealed record AccreditationNoticeGiven(
    Guid NoticeId,
    string Kind,
    Guid ProviderId,
    string Number,
    string? Criterion,
    DateTime Until,
    DateTime GivenAt,
    int Version);
