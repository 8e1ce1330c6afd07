namespace Marketplace.Subsidies.Grants;

/// <summary>Aid on what was delivered, when that is less than what was ordered (DOMAIN §6). Pure.</summary>
public static class ShortDelivery
{
    /// <summary>
    /// Computes the grant again from its frozen inputs, on the delivered net amount. What each programme granted takes
    /// the place of what its envelope held, so that nothing is raised; a part that was zero keeps its reasons.
    /// </summary>
    /// <param name="granted">The frozen calculation of the grant.</param>
    /// <param name="deliveredNetCents">In cents, from 0 to the granted net amount.</param>
    /// <exception cref="ArgumentOutOfRangeException">More was delivered than granted for.</exception>
    public static Calculation Recompute(Calculation granted, long deliveredNetCents)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deliveredNetCents, granted.Inputs.NetCents);
        var before = granted.Decision.Steps.ToDictionary(s => s.ProgrammeId);
        var inputs = granted.Inputs with
        {
            NetCents = deliveredNetCents,
            Offers = [.. granted.Inputs.Offers.Select(o => o with { AvailableCents = before[o.Terms.Id].AmountCents })],
        };
        var decision = Aid.Decide(inputs);
        var computed = decision.Steps.Select(s => s.ProgrammeId).ToHashSet();
        return new Calculation(inputs, decision with
        {
            Steps =
            [
                .. decision.Steps.Select(s => before[s.ProgrammeId].AmountCents == 0 ? s with { LimitedBy = before[s.ProgrammeId].LimitedBy } : s),
                .. granted.Decision.Steps.Where(s => !computed.Contains(s.ProgrammeId)),
            ],
        });
    }
}
