namespace Marketplace.Subsidies.Ledger;

/// <summary>
/// The accounts of each programme's ledger, from budget to bank (DOMAIN §6). Every euro that was voted is in exactly one
/// of the others, so their balances add up to the budget.
/// </summary>
public static class Accounts
{
    /// <summary>Where the money comes from: the vote. Its balance is minus the budget.</summary>
    public const string Voted = "voted";

    /// <summary>May still be reserved.</summary>
    public const string Available = "available";

    /// <summary>Held for commitments of open pools.</summary>
    public const string Reserved = "reserved";

    /// <summary>Granted by an act, the business has not paid its share yet.</summary>
    public const string Granted = "granted";

    /// <summary>Engaged (engagement): the order is firm.</summary>
    public const string Committed = "committed";

    /// <summary>The service is certified as done (service fait): due to the provider.</summary>
    public const string ServiceDone = "service-done";

    /// <summary>In a payment run (mandaté).</summary>
    public const string Ordered = "ordered";

    /// <summary>Left our bank account.</summary>
    public const string Paid = "paid";

    /// <summary>Paid and claimed back (titre de recettes).</summary>
    public const string Recovered = "recovered";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Voted, Available, Reserved, Granted, Committed, ServiceDone, Ordered, Paid, Recovered];
}
