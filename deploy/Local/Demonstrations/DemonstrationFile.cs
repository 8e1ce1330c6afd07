using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>What a visitor finds: a campaign, and what goes on after its last closing. Keys are those of the files.</summary>
/// <param name="Campaign">The campaign, with the demonstration's providers and packs.</param>
/// <param name="Pools">Those that open after the campaign's.</param>
/// <param name="Delivered">Pools whose delivery is accepted, in words or by silence.</param>
/// <param name="Visitors">Whom to sign in as.</param>
internal sealed record DemonstrationFile(
    Campaign Campaign,
    IReadOnlyList<LaterPool> Pools,
    IReadOnlyList<OpenApplication> Applications,
    BudgetChange Budget,
    IReadOnlyList<string> Delivered,
    LastDelivery LastDelivery,
    PartPayment Payments,
    IReadOnlyList<Visitor> Visitors)
{
    /// <summary>How many things there are to do, for a progress bar.</summary>
    public int Steps =>
        Campaign.Steps + Applications.Count + PlayDemonstration.Steps
        + Pools.Sum(later => 1 + later.Pool.Commitments.Count + (later.ClosesDuringPlay ? 1 : 0));
}

/// <summary>A pool with its days, counted from the campaign's last closing.</summary>
internal sealed record LaterPool(CampaignPool Pool, int OpensInDays, int ClosesInDays)
{
    /// <summary>It closes before the silence after the first deliveries has ended.</summary>
    public bool ClosesDuringPlay => ClosesInDays < GoThroughBank.Silence.Days;

    public bool OpensLater => OpensInDays > 0;
}

/// <summary>A provider that is on its way to an accreditation.</summary>
/// <param name="Provider">Its fields, as a campaign has them.</param>
/// <param name="Reached"><c>draft</c>, <c>submitted</c> or <c>evaluated</c>.</param>
internal sealed record OpenApplication(CampaignEntry Provider, string Reached);

/// <summary>Finance raises an envelope.</summary>
internal sealed record BudgetChange(string Programme, long DeltaCents, string Reason);

/// <summary>A delivery of which some businesses have said what they think, one of them nothing good; the others have yet to answer.</summary>
/// <param name="Accepts">Businesses.</param>
/// <param name="Refuses">A business.</param>
internal sealed record LastDelivery(string Pool, IReadOnlyList<string> Accepts, string Refuses, string Reason);

/// <summary>Money that is partly paid.</summary>
/// <param name="Programme">Its run is approved, and its transfers are on the bank's statement.</param>
/// <param name="PaidShort">The provider whose transfer the bank booked a euro short.</param>
/// <param name="Waits">The programme whose run waits for the second pair of eyes.</param>
internal sealed record PartPayment(string Programme, string PaidShort, string Waits);

/// <summary>Somebody to sign in as.</summary>
/// <param name="Part">Role, for people to read.</param>
/// <param name="See">What there is to see, in a few words.</param>
internal sealed record Visitor(string Part, string Email, string See);
