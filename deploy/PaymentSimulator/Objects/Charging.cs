using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Admin;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Attempts to take the money of a payment intent, and what follows from them.</summary>
public static class Charging
{
    /// <summary>Why the intent cannot be attempted as it is, or <c>null</c>.</summary>
    public static Answer? Impossible(Form form, JsonObject intent)
    {
        if (intent.Text("payment_method") is null)
            return Answer.WrongState("You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and try again.", "payment_intent_unexpected_state", intent);
        form.Flag("off_session");
        form.WebAddress("return_url");
        form.Flag("error_on_requires_action");
        return form.Problem ?? Confirming.MissingReturnAddress(form, intent);
    }

    /// <summary>One attempt: 200 with the intent's new state, or 402.</summary>
    public static async Task<Answer> Attempt(Session session, Form form, JsonObject intent)
    {
        var method = (await session.Load("payment_method", intent.Text("payment_method")))!;
        intent["_return_url"] = form.WebAddress("return_url");
        intent["_off_session"] = form.Flag("off_session");
        if (method.Text("type") == "sepa_debit")
            return SepaDebits.Start(session, intent, method);
        return await Decide(session, intent, method, authenticated: false, form.Flag("error_on_requires_action"));
    }

    /// <summary>The owner answered the bank's question.</summary>
    public static async Task Authenticated(Session session, JsonObject intent, bool approved)
    {
        var method = (await session.Load("payment_method", intent.Text("payment_method")))!;
        intent["next_action"] = null;
        if (approved)
            await Decide(session, intent, method, authenticated: true, refuseAction: false);
        else
            Fail(session, intent, Declines.NotAuthenticated("payment_intent", method));
    }

    /// <summary>Back to the start, without a payment method.</summary>
    public static void Fail(Session session, JsonObject intent, JsonObject error)
    {
        intent["status"] = "requires_payment_method";
        intent["payment_method"] = null;
        intent["last_payment_error"] = error.DeepClone();
        session.Put(intent);
        session.Emit("payment_intent.payment_failed", intent);
    }

    /// <summary>Money is there: the intent is done.</summary>
    public static void Succeed(Session session, JsonObject intent, long amount)
    {
        intent["status"] = "succeeded";
        intent["amount_received"] = amount;
        intent["amount_capturable"] = 0;
        intent["last_payment_error"] = null;
        session.Put(intent);
        session.Emit("payment_intent.succeeded", intent);
    }

    /// <summary>The intent is given up; what was held is released.</summary>
    public static async Task Release(Session session, JsonObject intent, string? reason, bool expired)
    {
        if (intent.Text("status") == "requires_capture" && await session.Load("charge", intent.Text("latest_charge")) is { } charge)
        {
            charge["amount_refunded"] = charge.Number("amount");
            charge["refunded"] = true;
            session.Put(charge);
            session.Emit(expired ? "charge.expired" : "charge.refunded", charge);
        }

        intent["status"] = "canceled";
        intent["canceled_at"] = session.Now;
        intent["cancellation_reason"] = expired ? "automatic" : reason;
        intent["amount_capturable"] = 0;
        intent["next_action"] = null;
        session.Put(intent);
        session.Emit("payment_intent.canceled", intent);
    }

    private static async Task<Answer> Decide(Session session, JsonObject intent, JsonObject method, bool authenticated, bool refuseAction)
    {
        var card = PaymentMethods.CardOf(method);
        var offSession = intent.Flag("_off_session");
        var asked = intent["payment_method_options"]!["card"]!["request_three_d_secure"]!.GetValue<string>() is "any" or "challenge";
        var bank = card.Decide(offSession ? Moment.OffSession : Moment.OnSession, method.Flag("_set_up"), authenticated, asked);
        if (bank.NeedsAuthentication && refuseAction)
            bank = new BankAnswer(Code: "authentication_required", DeclineCode: "authentication_required");
        if (bank.NeedsAuthentication)
        {
            ThreeDSecure.Demand(session, intent);
            session.Emit("payment_intent.requires_action", intent);
            return Answer.Ok(intent);
        }

        var charge = Charges.New(session, intent, method, bank.Code is null ? "succeeded" : "failed");
        intent["latest_charge"] = charge.Id();
        if (bank.Code is not null)
        {
            var error = Declines.Error(bank.Code, bank.DeclineCode, method, charge.Id());
            charge["failure_code"] = bank.Code;
            charge["failure_message"] = error.Text("message");
            session.Put(charge);
            session.Emit("charge.failed", charge);
            Fail(session, intent, error);
            return Answer.Declined(error, paymentIntent: intent);
        }

        if (intent.Text("setup_future_usage") is not null && intent.Text("customer") is { } customer)
        {
            await PaymentMethods.Save(session, method, customer);
            method["_set_up"] = true;
            session.Put(method);
        }

        if (intent.Text("capture_method") == "manual")
        {
            var until = session.Now + Charges.HoldSeconds(card, offSession);
            charge["payment_method_details"]!["card"]!["capture_before"] = until;
            session.Put(charge);
            session.Emit("charge.succeeded", charge);
            intent["status"] = "requires_capture";
            intent["amount_capturable"] = intent.Number("amount");
            intent["last_payment_error"] = null;
            session.Put(intent);
            session.Emit("payment_intent.amount_capturable_updated", intent);
            session.Later(until, "expire-hold", intent.Id());
            return Answer.Ok(intent);
        }

        Charges.Collect(session, charge, intent.Number("amount"), card.BypassPending);
        session.Emit("charge.succeeded", charge);
        Succeed(session, intent, intent.Number("amount"));
        if (card.Dispute is not null)
            session.Later(session.Now, $"dispute:{card.Dispute}", charge.Id());
        return Answer.Ok(intent);
    }
}
