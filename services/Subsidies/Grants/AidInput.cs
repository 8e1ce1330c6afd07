namespace Marketplace.Subsidies.Grants;

/// <summary>The rules of a programme (DOMAIN §5). They never change once it is open; only its budget does.</summary>
/// <param name="Id">The programme.</param>
/// <param name="Funder">Who pays.</param>
/// <param name="RateBps">rᵢ in basis points, 1–10 000.</param>
/// <param name="CapCents">Most aid per business and window, in cents; null is no cap.</param>
/// <param name="WindowMonths">The cap's window in months.</param>
/// <param name="MinSpendCents">Net amount below which there is no aid, in cents.</param>
/// <param name="MaxBaseCents">Most of the net amount that is aided, in cents; null is all of it.</param>
/// <param name="Categories">Pack categories funded.</param>
/// <param name="Territories">Département codes of the businesses funded.</param>
/// <param name="MaxHeadcount">Largest headcount; null is any.</param>
/// <param name="MaxTurnoverCents">Largest yearly turnover in cents; null is any.</param>
/// <param name="IntensityCeilingBps">c: most total public aid, in basis points of the net amount.</param>
/// <param name="Priority">Lower first.</param>
/// <param name="DeMinimis">Whether its aid counts under Regulation (EU) 2023/2831.</param>
/// <param name="ValidFrom">Start of validity (UTC).</param>
/// <param name="ValidUntil">End of validity, exclusive (UTC).</param>
public sealed record ProgrammeTerms(
    Guid Id,
    string Funder,
    int RateBps,
    long? CapCents,
    int WindowMonths,
    long MinSpendCents,
    long? MaxBaseCents,
    string[] Categories,
    string[] Territories,
    int? MaxHeadcount,
    long? MaxTurnoverCents,
    int IntensityCeilingBps,
    int Priority,
    bool DeMinimis,
    DateTime ValidFrom,
    DateTime ValidUntil);

/// <summary>A programme of the pool at the moment of the computation, without what the commitment itself holds.</summary>
/// <param name="Terms">Its rules.</param>
/// <param name="UsedCents">usedᵢ: what the SIREN holds, reserved or granted, within the window, in cents.</param>
/// <param name="AvailableCents">What is left in the envelope, in cents.</param>
public sealed record Offer(ProgrammeTerms Terms, long UsedCents, long AvailableCents);

/// <summary>All that the aid of one commitment depends on; frozen with the grant, it gives the same figure for ever.</summary>
/// <param name="At">The instant that the aid is computed for (UTC); its day is d.</param>
/// <param name="Category">The pack's category.</param>
/// <param name="Departement">The business's département code.</param>
/// <param name="Headcount">Its headcount; null when it was not given.</param>
/// <param name="TurnoverCents">Its yearly turnover in cents; null when it was not given.</param>
/// <param name="NetCents">Net amount in cents, ≥ 0.</param>
/// <param name="OtherPublicAidCents">Other public aid on the same costs, in cents, ≥ 0.</param>
/// <param name="PriorDeMinimisCents">De minimis aid of the single undertaking in [d − 3 years, d], in cents.</param>
/// <param name="Offers">The pool's programmes, in the pool's order.</param>
public sealed record AidInput(
    DateTime At,
    string Category,
    string Departement,
    int? Headcount,
    long? TurnoverCents,
    long NetCents,
    long OtherPublicAidCents,
    long PriorDeMinimisCents,
    IReadOnlyList<Offer> Offers);

/// <summary>One programme's part and how it came about. The limits are null where the computation did not reach them.</summary>
/// <param name="ProgrammeId">The programme.</param>
/// <param name="Funder">Who pays.</param>
/// <param name="AmountCents">aᵢ in cents, ≥ 0.</param>
/// <param name="LimitedBy">Every limit that bites (<see cref="Limits"/>).</param>
/// <param name="BaseCents">E in cents.</param>
/// <param name="RawCents">floor(E × rᵢ) in cents.</param>
/// <param name="CapLeftCents">capᵢ − usedᵢ in cents; null also when there is no cap.</param>
/// <param name="EnvelopeCents">What was left in the envelope, in cents.</param>
/// <param name="RoomLeftCents">room − Σⱼ₍ⱼ<ᵢ₎ aⱼ in cents.</param>
public sealed record AidStep(
    Guid ProgrammeId,
    string Funder,
    long AmountCents,
    string[] LimitedBy,
    long? BaseCents = null,
    long? RawCents = null,
    long? CapLeftCents = null,
    long? EnvelopeCents = null,
    long? RoomLeftCents = null);

/// <summary>The aid of a commitment.</summary>
/// <param name="Steps">One per programme, by priority, then in the pool's order.</param>
/// <param name="CeilingBps">c in basis points: the lowest ceiling of the programmes the business is eligible for.</param>
/// <param name="RoomCents">room in cents.</param>
/// <param name="DeMinimisBlocked">Whether the de minimis gate closed.</param>
/// <param name="DeMinimisAvailableCents">How much de minimis aid would still fit before this computation, in cents, ≥ 0.</param>
public sealed record AidDecision(IReadOnlyList<AidStep> Steps, int CeilingBps, long RoomCents, bool DeMinimisBlocked, long DeMinimisAvailableCents);

/// <summary>What is stored with a commitment's aid: enough to compute it again.</summary>
/// <param name="Inputs">The frozen inputs.</param>
/// <param name="Decision">What they came to.</param>
public sealed record Calculation(AidInput Inputs, AidDecision Decision);
