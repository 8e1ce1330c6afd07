namespace Marketplace.PaymentSimulator.Objects;

/// <summary>When a card is used.</summary>
public enum Moment
{
    /// <summary>It is saved for later, its owner being present.</summary>
    Setup,

    /// <summary>It is charged without its owner.</summary>
    OffSession,

    /// <summary>It is charged with its owner present.</summary>
    OnSession,
}

/// <summary>When a card's bank demands authentication.</summary>
public enum Demands
{
    /// <summary>Never.</summary>
    Nothing,

    /// <summary>Whenever the owner is present, and without them unless the card has been set up.</summary>
    AuthenticationUnlessSetUp,

    /// <summary>Whenever the owner is present for a charge; counts as set up.</summary>
    AuthenticationOnSession,

    /// <summary>Always.</summary>
    Authentication,
}

/// <summary>What the bank answers.</summary>
/// <param name="NeedsAuthentication">The owner has to approve first.</param>
/// <param name="Code">Error code, when declined.</param>
/// <param name="DeclineCode">The bank's reason, when declined.</param>
public sealed record BankAnswer(bool NeedsAuthentication = false, string? Code = null, string? DeclineCode = null);

/// <summary>Stripe's test cards (wire contract §12).</summary>
/// <param name="Token">Stripe's name of the card.</param>
/// <param name="Last4">Last digits of its number.</param>
public sealed record TestCard(string Token, string Last4, string Brand = "visa", string Country = "US")
{
    /// <summary>When authentication is demanded.</summary>
    public Demands Demands { get; init; }

    /// <summary>Error code of every charge, if it declines.</summary>
    public string? Code { get; init; }

    /// <summary>Reason of the decline.</summary>
    public string? DeclineCode { get; init; }

    /// <summary>Declines charges only: it can be saved.</summary>
    public bool CanBeSaved { get; init; }

    /// <summary>Reason of the dispute that follows a charge.</summary>
    public string? Dispute { get; init; }

    /// <summary>A refund stays pending for a while.</summary>
    public bool PendingRefund { get; init; }

    /// <summary>A refund succeeds and fails later.</summary>
    public bool FailingRefund { get; init; }

    /// <summary>Money is available at once.</summary>
    public bool BypassPending { get; init; }

    /// <summary>All cards, by token.</summary>
    public static readonly Dictionary<string, TestCard> All = new TestCard[]
    {
        new("pm_card_visa", "4242"),
        new("pm_card_visa_debit", "5556"),
        new("pm_card_mastercard", "4444", "mastercard"),
        new("pm_card_amex", "8431", "amex"),
        new("pm_card_fr", "0003", Country: "FR"),
        new("pm_card_bypassPending", "0077") { BypassPending = true },
        Declines("pm_card_visa_chargeDeclined", "0002", "generic_decline"),
        Declines("pm_card_chargeDeclined", "0002", "generic_decline"),
        Declines("pm_card_visa_chargeDeclinedInsufficientFunds", "9995", "insufficient_funds"),
        Declines("pm_card_chargeDeclinedInsufficientFunds", "9995", "insufficient_funds"),
        Declines("pm_card_visa_chargeDeclinedLostCard", "9987", "lost_card"),
        Declines("pm_card_visa_chargeDeclinedStolenCard", "9979", "stolen_card"),
        Declines("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "6975", "card_velocity_exceeded"),
        Declines("pm_card_chargeDeclinedExpiredCard", "0069", "expired_card", "expired_card"),
        Declines("pm_card_chargeDeclinedIncorrectCvc", "0127", "incorrect_cvc", "incorrect_cvc"),
        Declines("pm_card_chargeDeclinedProcessingError", "0119", "processing_error", "processing_error"),
        Declines("pm_card_chargeCustomerFail", "0341", "generic_decline") with { CanBeSaved = true },
        new("pm_card_authenticationRequiredOnSetup", "3155") { Demands = Demands.AuthenticationUnlessSetUp },
        new("pm_card_authenticationRequired", "3184") { Demands = Demands.Authentication },
        new("pm_card_authenticationRequiredSetupForOffSession", "0446") { Demands = Demands.AuthenticationOnSession },
        Declines("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "3178", "insufficient_funds") with
        {
            Demands = Demands.Authentication, CanBeSaved = true,
        },
        new("pm_card_threeDSecure2Required", "3220") { Demands = Demands.Authentication },
        Declines("pm_card_threeDSecureRequiredChargeDeclined", "1629", "generic_decline") with
        {
            Demands = Demands.Authentication, CanBeSaved = true,
        },
        new("pm_card_threeDSecureOptional", "3055"),
        new("pm_card_createDispute", "0259") { Dispute = "fraudulent" },
        new("pm_card_createDisputeProductNotReceived", "2685") { Dispute = "product_not_received" },
        new("pm_card_pendingRefund", "7726") { PendingRefund = true },
        new("pm_card_refundFail", "5126") { FailingRefund = true },
    }.ToDictionary(card => card.Token, StringComparer.Ordinal);

    /// <summary>What the card's bank answers.</summary>
    /// <param name="moment">How the card is used.</param>
    /// <param name="setUp">Saved with its owner's authentication before.</param>
    /// <param name="authenticated">The owner has just approved.</param>
    /// <param name="authenticationAsked">The merchant asks for authentication even where the bank does not.</param>
    public BankAnswer Decide(Moment moment, bool setUp, bool authenticated, bool authenticationAsked = false)
    {
        var demanded = (moment, Demands) switch
        {
            (_, Demands.Authentication) => true,
            (Moment.OffSession, Demands.AuthenticationUnlessSetUp) => !setUp,
            (_, Demands.AuthenticationUnlessSetUp) => true,
            (Moment.OnSession, Demands.AuthenticationOnSession) => true,
            (not Moment.OffSession, _) => authenticationAsked,
            _ => false,
        };
        if (demanded && !authenticated)
        {
            return moment == Moment.OffSession
                ? new BankAnswer(Code: "authentication_required", DeclineCode: "authentication_required")
                : new BankAnswer(NeedsAuthentication: true);
        }

        return Code is null || (moment == Moment.Setup && CanBeSaved) ? new BankAnswer() : new BankAnswer(Code: Code, DeclineCode: DeclineCode);
    }

    private static TestCard Declines(string token, string last4, string declineCode, string code = "card_declined") =>
        new(token, last4) { Code = code, DeclineCode = declineCode };
}
