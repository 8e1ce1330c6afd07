namespace Marketplace.Events.Subsidies;

/// <summary>A funding programme was created (DOMAIN §5).</summary>
/// <param name="ProgrammeId">The programme; the fact's stream.</param>
/// <param name="Name">Its name.</param>
/// <param name="Funder">Who pays.</param>
/// <param name="Categories">Pack categories it funds.</param>
/// <param name="Territories">Département codes of the businesses it funds.</param>
/// <param name="ValidFrom">Start of validity (UTC).</param>
/// <param name="ValidUntil">End of validity, exclusive (UTC).</param>
/// <param name="Version">The programme's version.</param>
public sealed record ProgrammeOpened(
    Guid ProgrammeId,
    string Name,
    string Funder,
    string[] Categories,
    string[] Territories,
    DateTime ValidFrom,
    DateTime ValidUntil,
    int Version);

/// <summary>One programme's part of a commitment's aid.</summary>
/// <param name="ProgrammeId">The programme.</param>
/// <param name="Funder">Who pays.</param>
/// <param name="AmountCents">The aid in cents, ≥ 0.</param>
/// <param name="LimitedBy">Every limit that bites, in the words of DOMAIN §5; empty when none does.</param>
public sealed record AidPart(Guid ProgrammeId, string Funder, long AmountCents, string[] LimitedBy);

/// <summary>Aid was reserved for a commitment, or reserved anew (amended, or money returned to an envelope).</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="CommitmentVersion">The version of the commitment that the amounts were computed for.</param>
/// <param name="Parts">One per programme of the pool, by priority; empty when the pool has none.</param>
/// <param name="Version">The version of the commitment's aid, from 1; rises with every change of it.</param>
public sealed record AidReserved(Guid CommitmentId, Guid PoolId, int CommitmentVersion, AidPart[] Parts, int Version);

/// <summary>Aid was granted on the allocated net amount of a commitment; it is never raised afterwards.</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="NetCents">The net amount it was computed on, in cents.</param>
/// <param name="Parts">One per programme of the pool, by priority.</param>
/// <param name="GrantedAt">The day the aid counts from (UTC).</param>
/// <param name="Version">The version of the commitment's aid.</param>
public sealed record AidGranted(Guid CommitmentId, Guid PoolId, long NetCents, AidPart[] Parts, DateTime GrantedAt, int Version);

/// <summary>The aid of a commitment returned to its envelopes.</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="Version">The version of the commitment's aid.</param>
public sealed record AidReleased(Guid CommitmentId, Guid PoolId, int Version);

/// <summary>
/// The service is done (service fait, DOMAIN §6): the aid of a commitment is due to the provider. After a short delivery
/// the parts are those of what was delivered, never more than was granted; the rest returned to the envelopes.
/// </summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="Quantity">Units delivered, ≥ 0.</param>
/// <param name="NetCents">The net amount of what was delivered, in cents.</param>
/// <param name="Parts">One per programme of the pool, by priority.</param>
/// <param name="CertifiedAt">When (UTC).</param>
/// <param name="Version">The version of the commitment's aid.</param>
public sealed record ServiceDoneCertified(Guid CommitmentId, Guid PoolId, int Quantity, long NetCents, AidPart[] Parts, DateTime CertifiedAt, int Version);
