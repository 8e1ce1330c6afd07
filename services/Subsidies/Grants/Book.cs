namespace Marketplace.Subsidies.Grants;

/// <summary>Aid that a commitment holds under a programme.</summary>
/// <param name="Siren">Whose it is.</param>
/// <param name="CommitmentId">The commitment.</param>
/// <param name="ProgrammeId">The programme.</param>
/// <param name="DeMinimis">Whether the programme's aid is de minimis.</param>
/// <param name="Granted">Granted, or still reserved.</param>
/// <param name="AmountCents">In cents, > 0.</param>
/// <param name="CountsFrom">The joining of a reservation, the day of a grant (UTC).</param>
public sealed record Hold(string Siren, Guid CommitmentId, Guid ProgrammeId, bool DeMinimis, bool Granted, long AmountCents, DateTime CountsFrom);

/// <summary>De minimis aid from elsewhere that a business declared.</summary>
public sealed record DeclaredAid(string Siren, DateOnly GrantedOn, long AmountCents);

/// <summary>What moved in an envelope, in cents.</summary>
public sealed record Movement(Guid ProgrammeId, long ReservedCents, long GrantedCents);

/// <summary>
/// The envelopes and holds that some computations need, in memory: read once, moved by <see cref="Take"/> and
/// <see cref="Return"/>, and written back in one go (<see cref="SaveAid"/>).
/// </summary>
/// <param name="terms">Rules and what is left in the envelope, of every programme concerned.</param>
/// <param name="undertakings">By SIREN: all members of its single undertaking, itself included.</param>
/// <param name="holds">Everything that those members hold.</param>
/// <param name="declared">Every de minimis aid that those members declared.</param>
public sealed class Book(
    IEnumerable<(ProgrammeTerms Terms, long AvailableCents)> terms,
    ILookup<string, string> undertakings,
    IEnumerable<Hold> holds,
    IEnumerable<DeclaredAid> declared)
{
    private readonly Dictionary<Guid, ProgrammeTerms> programmes = terms.ToDictionary(t => t.Terms.Id, t => t.Terms);
    private readonly Dictionary<Guid, long> available = terms.ToDictionary(t => t.Terms.Id, t => t.AvailableCents);
    private readonly Dictionary<string, List<Hold>> holdsBySiren = holds.GroupBy(h => h.Siren).ToDictionary(g => g.Key, g => g.ToList());
    private readonly ILookup<string, DeclaredAid> declaredBySiren = declared.ToLookup(d => d.Siren);
    private readonly Dictionary<Guid, (long Reserved, long Granted)> moved = [];

    /// <summary>What has moved since the book was read.</summary>
    public IReadOnlyList<Movement> Movements => moved.Where(m => m.Value != default).Select(m => new Movement(m.Key, m.Value.Reserved, m.Value.Granted)).ToList();

    /// <summary>Gives back what a commitment holds; answers the amounts by programme.</summary>
    public Dictionary<Guid, long> Return(Commitment commitment)
    {
        var returned = new Dictionary<Guid, long>();
        if (holdsBySiren.TryGetValue(commitment.Siren, out var held))
        {
            foreach (var hold in held.Where(h => h.CommitmentId == commitment.Id))
            {
                returned[hold.ProgrammeId] = hold.AmountCents;
                Move(hold.ProgrammeId, hold.Granted, -hold.AmountCents);
            }

            held.RemoveAll(h => h.CommitmentId == commitment.Id);
        }

        return returned;
    }

    /// <summary>The aid of a commitment that holds nothing (<see cref="Return"/> it before), on a net amount, as of an instant.</summary>
    public Calculation Compute(Commitment commitment, long netCents, DateTime at, long otherPublicAidCents = 0)
    {
        var offers = commitment.ProgrammeIds.Where(programmes.ContainsKey)
            .Select(id => new Offer(programmes[id], UsedCents(commitment.Siren, programmes[id], at), available[id]))
            .ToList();
        var input = new AidInput(
            at, commitment.Category, commitment.Departement, commitment.Headcount, commitment.TurnoverCents, netCents, otherPublicAidCents, PriorDeMinimisCents(commitment.Siren, at), offers);
        var decision = Aid.Decide(input);
        var unknown = commitment.ProgrammeIds.Where(id => !programmes.ContainsKey(id)).Select(id => new AidStep(id, "", 0, [Limits.NotInForce]));
        return new Calculation(input, decision with { Steps = [.. decision.Steps, .. unknown] });
    }

    /// <summary>Holds the amounts of a decision for a commitment.</summary>
    public void Take(Commitment commitment, AidDecision decision, DateTime countsFrom)
    {
        var granted = commitment.Status == Commitment.Granted;
        foreach (var step in decision.Steps.Where(s => s.AmountCents > 0))
        {
            if (!holdsBySiren.TryGetValue(commitment.Siren, out var held))
            {
                holdsBySiren[commitment.Siren] = held = [];
            }

            held.Add(new Hold(commitment.Siren, commitment.Id, step.ProgrammeId, programmes[step.ProgrammeId].DeMinimis, granted, step.AmountCents, countsFrom));
            Move(step.ProgrammeId, granted, step.AmountCents);
        }
    }

    /// <summary>De minimis aid of the single undertaking in [d − 3 years, d], in cents: declared, granted and held reserved (DOMAIN §5).</summary>
    public long PriorDeMinimisCents(string siren, DateTime at)
    {
        var day = DateOnly.FromDateTime(at);
        var since = day.AddYears(-3);
        return undertakings[siren].Sum(member =>
            declaredBySiren[member].Where(d => d.GrantedOn >= since && d.GrantedOn <= day).Sum(d => d.AmountCents)
            + HoldsOf(member).Where(h => h.DeMinimis && (!h.Granted || DateOnly.FromDateTime(h.CountsFrom) >= since)).Sum(h => h.AmountCents));
    }

    private long UsedCents(string siren, ProgrammeTerms programme, DateTime at)
    {
        var since = DateOnly.FromDateTime(at).AddMonths(-programme.WindowMonths);
        return HoldsOf(siren).Where(h => h.ProgrammeId == programme.Id && DateOnly.FromDateTime(h.CountsFrom) >= since).Sum(h => h.AmountCents);
    }

    private List<Hold> HoldsOf(string siren) => holdsBySiren.TryGetValue(siren, out var held) ? held : [];

    private void Move(Guid programmeId, bool granted, long cents)
    {
        var (reserved, total) = moved.GetValueOrDefault(programmeId);
        moved[programmeId] = granted ? (reserved, total + cents) : (reserved + cents, total);
        if (available.TryGetValue(programmeId, out var left))
        {
            available[programmeId] = left - cents;
        }
    }
}
