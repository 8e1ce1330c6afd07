namespace Marketplace.Subsidies.Grants;

/// <summary>The names of the limits (DOMAIN §5).</summary>
public static class Limits
{
    /// <summary>The programme does not fund the pack's category.</summary>
    public const string Category = "not-eligible-category";

    /// <summary>The programme does not fund the business's département.</summary>
    public const string Territory = "not-eligible-territory";

    /// <summary>The business has more staff than the programme allows.</summary>
    public const string Headcount = "not-eligible-headcount";

    /// <summary>The business has a larger turnover than the programme allows.</summary>
    public const string Turnover = "not-eligible-turnover";

    /// <summary>The programme is outside its validity, or unknown. Our addition to DOMAIN §5, which names no word for it.</summary>
    public const string NotInForce = "not-in-force";

    /// <summary>The net amount is below the programme's minimum spend.</summary>
    public const string MinimumSpend = "below-minimum-spend";

    /// <summary>The cap per business and window.</summary>
    public const string Cap = "cap-reached";

    /// <summary>The envelope has no more.</summary>
    public const string Envelope = "envelope-exhausted";

    /// <summary>The ceiling on total public aid.</summary>
    public const string Intensity = "intensity-ceiling";

    /// <summary>The de minimis gate.</summary>
    public const string DeMinimis = "de-minimis-ceiling";
}

/// <summary>Co-funding of one commitment, as DOMAIN §5 words it. Pure: the same input gives the same figure for ever.</summary>
public static class Aid
{
    /// <summary>De minimis aid that one single undertaking may get over any 3 years, in cents (Regulation (EU) 2023/2831).</summary>
    public const long DeMinimisCeilingCents = 300_000_00;

    /// <summary>
    /// Computes the parts in priority order, then applies the de minimis gate: when the new de minimis parts do not fit
    /// beside the prior aid, they are all blocked and the others are computed as if those programmes were absent.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The net or the other aid is negative.</exception>
    public static AidDecision Decide(AidInput input)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input.NetCents);
        ArgumentOutOfRangeException.ThrowIfNegative(input.OtherPublicAidCents);
        var offers = input.Offers.OrderBy(o => o.Terms.Priority).ToList();
        var decision = Share(input, offers);
        var asked = decision.Steps.Zip(offers).Where(s => s.Second.Terms.DeMinimis).Sum(s => s.First.AmountCents);
        if (input.PriorDeMinimisCents + asked <= DeMinimisCeilingCents)
        {
            return decision;
        }

        var others = Share(input, offers.Where(o => !o.Terms.DeMinimis).ToList());
        var remaining = new Queue<AidStep>(others.Steps);
        var steps = offers.Select(o => o.Terms.DeMinimis ? new AidStep(o.Terms.Id, o.Terms.Funder, 0, [Limits.DeMinimis]) : remaining.Dequeue()).ToList();
        return others with { Steps = steps, DeMinimisBlocked = true };
    }

    private static AidDecision Share(AidInput input, List<Offer> offers)
    {
        var ceiling = offers.Where(o => WhyNotEligible(input, o.Terms) is null).Select(o => o.Terms.IntensityCeilingBps).DefaultIfEmpty(10_000).Min();
        var room = Math.Max(0, Portion(input.NetCents, ceiling) - input.OtherPublicAidCents);
        var steps = new List<AidStep>(offers.Count);
        var left = room;
        foreach (var offer in offers)
        {
            var step = Step(input, offer, left);
            left -= step.AmountCents;
            steps.Add(step);
        }

        return new AidDecision(steps, ceiling, room, false, Math.Max(0, DeMinimisCeilingCents - input.PriorDeMinimisCents));
    }

    private static AidStep Step(AidInput input, Offer offer, long roomLeft)
    {
        var terms = offer.Terms;
        var refusal = WhyNotEligible(input, terms) ?? (input.NetCents < terms.MinSpendCents ? Limits.MinimumSpend : null);
        if (refusal is not null)
        {
            return new AidStep(terms.Id, terms.Funder, 0, [refusal]);
        }

        var eligibleBase = Math.Min(input.NetCents, terms.MaxBaseCents ?? input.NetCents);
        var raw = Portion(eligibleBase, terms.RateBps);
        var capLeft = terms.CapCents - offer.UsedCents;

        // A limit is named when it lowers what the ones before it left.
        var amount = raw;
        var names = new List<string>();
        foreach (var (name, limit) in new[] { (Limits.Cap, capLeft), (Limits.Envelope, offer.AvailableCents), (Limits.Intensity, roomLeft) })
        {
            if (limit < amount)
            {
                amount = limit.Value;
                names.Add(name);
            }
        }

        return new AidStep(terms.Id, terms.Funder, Math.Max(0, amount), [.. names], eligibleBase, raw, capLeft, offer.AvailableCents, roomLeft);
    }

    /// <summary>
    /// The first condition that fails, in the order of DOMAIN §5, then the validity. A headcount or turnover that the
    /// business did not give counts as within the limit: finance can ask for it before paying, a refusal here could
    /// not be undone.
    /// </summary>
    private static string? WhyNotEligible(AidInput input, ProgrammeTerms terms) =>
        !terms.Categories.Contains(input.Category) ? Limits.Category
        : !terms.Territories.Contains(input.Departement) ? Limits.Territory
        : input.Headcount > terms.MaxHeadcount ? Limits.Headcount
        : input.TurnoverCents > terms.MaxTurnoverCents ? Limits.Turnover
        : input.At < terms.ValidFrom || input.At >= terms.ValidUntil ? Limits.NotInForce
        : null;

    /// <summary>floor(cents × rate), in 128 bits: 10¹² cents × 10⁴ basis points would still fit 64, larger amounts would not.</summary>
    private static long Portion(long cents, int bps) => (long)((Int128)cents * bps / 10_000);
}
