namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>The states of a payment run: <c>prepared → approved | cancelled</c>.</summary>
public static class RunStatus
{
    /// <summary>By one person; its aid is ordered.</summary>
    public const string Prepared = "prepared";

    /// <summary>By another person; the file can be sent to the bank.</summary>
    public const string Approved = "approved";

    /// <summary>Before it was approved; its aid is due again.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Prepared, Approved, Cancelled];
}

/// <summary>
/// The states of a credit transfer: <c>prepared → ordered → paid | rejected | settled</c>, and <c>cancelled</c> with its
/// run.
/// </summary>
public static class TransferStatus
{
    /// <summary>Its run waits for approval.</summary>
    public const string Prepared = "prepared";

    /// <summary>Its run was approved: the bank is to carry it out.</summary>
    public const string Ordered = "ordered";

    /// <summary>Found on a statement, to the cent.</summary>
    public const string Paid = "paid";

    /// <summary>The bank sent it back: its aid is due again.</summary>
    public const string Rejected = "rejected";

    /// <summary>Its run was cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>A person closed it with a reason.</summary>
    public const string Settled = "settled";
}
