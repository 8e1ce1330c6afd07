namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>The words of matching (DOMAIN §6), with those that only card payments need.</summary>
public static class CardOutcomes
{
    /// <summary>One line of the recorded amount. The only kind of match that closes by itself.</summary>
    public const string Exact = "exact";

    /// <summary>One side is not there yet and may still come within <see cref="CardMatching.Patience"/>.</summary>
    public const string Waiting = "waiting";

    /// <summary>A refund that its own failure undoes and that is not recorded as given; the failure is the exception.</summary>
    public const string Reversed = "reversed";

    /// <summary>No payment of a business: a payout to us, or the payment provider's price.</summary>
    public const string Other = "other";

    /// <summary>The line is less than was recorded.</summary>
    public const string Partial = "partial";

    /// <summary>The line is more than was recorded.</summary>
    public const string Over = "over";

    /// <summary>A second charge of a commitment, or a second line of a refund.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>A line with nothing recorded beside it.</summary>
    public const string Unknown = "unknown";

    /// <summary>Recorded, and no line after five days.</summary>
    public const string Missing = "missing";

    /// <summary>The payer's bank took the money back.</summary>
    public const string Disputed = "disputed";

    /// <summary>A refund came back; the business has to be paid otherwise.</summary>
    public const string RefundFailed = "refund-failed";

    /// <summary>Not in euros; its amount counts nowhere.</summary>
    public const string Currency = "currency";

    /// <summary>A payout whose lines do not add up to it.</summary>
    public const string PayoutDifference = "payout-difference";

    /// <summary>A payout that the bank did not take.</summary>
    public const string PayoutFailed = "payout-failed";

    /// <summary>A payout made by hand: the payment provider cannot say what it is made of.</summary>
    public const string PayoutNotItemised = "payout-not-itemised";

    /// <summary>A line whose amount less its fee is not its net; it is not stored and counts nowhere.</summary>
    public const string WrongSum = "wrong-sum";

    /// <summary>Stands beside a recorded payment.</summary>
    public const string PaymentSide = "payment";

    /// <summary>Stands beside a recorded refund.</summary>
    public const string RefundSide = "refund";

    /// <summary>Stands beside nothing.</summary>
    public const string NoSide = "none";

    /// <summary>What a person has to look at.</summary>
    public static bool IsException(string kind) => kind is not (Exact or Waiting or Reversed or Other);
}
