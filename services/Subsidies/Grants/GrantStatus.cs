namespace Marketplace.Subsidies.Grants;

/// <summary>
/// The states of a grant (DOMAIN §6): <c>reserved → granted → committed → service-done → ordered → paid | rejected</c>,
/// and <c>released</c>, <c>recovered</c>.
/// </summary>
public static class GrantStatus
{
    /// <summary>Held until the pool closes.</summary>
    public const string Reserved = "reserved";

    /// <summary>Granted at the closing, by an act with a number.</summary>
    public const string Granted = "granted";

    /// <summary>Engaged: the business paid its share.</summary>
    public const string Committed = "committed";

    /// <summary>The business accepted the delivery: due to the provider.</summary>
    public const string ServiceDone = "service-done";

    /// <summary>In a payment run.</summary>
    public const string Ordered = "ordered";

    /// <summary>The bank paid it.</summary>
    public const string Paid = "paid";

    /// <summary>The bank sent it back: due again, in the next run.</summary>
    public const string Rejected = "rejected";

    /// <summary>Back in the envelope; also a part of zero once the service is done.</summary>
    public const string Released = "released";

    /// <summary>Paid and claimed back (titre de recettes).</summary>
    public const string Recovered = "recovered";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Reserved, Granted, Committed, ServiceDone, Ordered, Paid, Rejected, Released, Recovered];
}
