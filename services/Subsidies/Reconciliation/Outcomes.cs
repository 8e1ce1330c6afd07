namespace Marketplace.Subsidies.Reconciliation;

/// <summary>What a movement comes to beside the transfers (DOMAIN §6). Only <c>exact</c> closes by itself; the rest are exceptions.</summary>
public static class Outcomes
{
    /// <summary>The movement is what was still outstanding of the transfer.</summary>
    public const string Exact = "exact";

    /// <summary>It is less.</summary>
    public const string Partial = "partial";

    /// <summary>It is more.</summary>
    public const string Over = "over";

    /// <summary>Nothing was outstanding any more.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>It belongs to no transfer that was ordered.</summary>
    public const string Unknown = "unknown";

    /// <summary>The bank sends a transfer back.</summary>
    public const string Rejected = "rejected";

    /// <summary>Ordered, and no movement after 5 business days; an exception without a movement.</summary>
    public const string Missing = "missing";

    /// <summary>The kinds of exceptions.</summary>
    public static readonly string[] Exceptions = [Partial, Over, Duplicate, Unknown, Rejected, Missing];
}
