using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Refunds. They do not touch transfers.</summary>
public static class Refunds
{
    private const long Hour = 3600;

    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters = ["payment_intent", "charge", "amount", "reason", "metadata"];

    /// <summary><c>POST /v1/refunds</c></summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        var reason = form.OneOf("reason", "duplicate", "fraudulent", "requested_by_customer");
        var asked = form.Number("amount");
        if (form.Problem is { } problem)
            return problem;
        var chargeId = form.Filled("charge");
        if (form.Filled("payment_intent") is { } intentId)
        {
            if (await session.Load("payment_intent", intentId, toChange: false) is not { } intent)
                return Answer.Missing("payment_intent", intentId, "payment_intent");
            if (intent.Text("status") != "succeeded")
                return Answer.WrongState($"This PaymentIntent ({intentId}) does not have a successful charge to refund.", "payment_intent_unexpected_state");
            chargeId ??= intent.Text("latest_charge");
        }

        if (chargeId is null)
            return Answer.Invalid("One of the following params should be provided: payment_intent or charge.", "parameter_missing", "payment_intent");
        if (await session.Load("charge", chargeId) is not { } charge)
            return Answer.Missing("charge", chargeId, "charge");
        var left = charge.Number("amount_captured") - charge.Number("amount_refunded");
        if (charge.Flag("disputed"))
            return Answer.WrongState($"Charge {chargeId} has been charged back; cannot issue a refund.", "charge_disputed");
        if (!charge.Flag("captured"))
            return Answer.WrongState("An uncaptured charge is canceled, not refunded.", "charge_not_refundable");
        if (left == 0)
            return Answer.WrongState($"Charge {chargeId} has already been refunded.", "charge_already_refunded");
        var amount = asked ?? left;
        if (amount < 1 || amount > left)
            return Answer.WrongState($"Refund amount ({amount}) must be at least 1 and at most the unrefunded amount ({left}).", "amount_too_large");

        var method = (await session.Load("payment_method", charge.Text("payment_method"), toChange: false))!;
        var card = method.Text("type") == "card" ? PaymentMethods.CardOf(method) : null;
        var pending = card?.PendingRefund ?? true;
        var refundId = Json.NewId(card is null ? "pyr" : "re");
        var refund = new JsonObject
        {
            ["id"] = refundId,
            ["object"] = "refund",
            ["amount"] = amount,
            ["balance_transaction"] = Balances.Record(session, refundId, "refund", -amount, 0, session.Now).Id(),
            ["charge"] = chargeId,
            ["created"] = session.Now,
            ["currency"] = "eur",
            ["destination_details"] = new JsonObject { ["type"] = method.Text("type") },
            ["metadata"] = new JsonObject(),
            ["payment_intent"] = charge.Text("payment_intent"),
            ["reason"] = reason,
            ["receipt_number"] = null,
            ["status"] = pending ? "pending" : "succeeded",
        };
        Metadata.Merge(refund, form);
        charge["amount_refunded"] = charge.Number("amount_refunded") + amount;
        charge["refunded"] = amount == left;
        session.Put(charge);
        session.Put(refund);
        session.Emit("refund.created", refund);
        session.Emit("charge.refunded", charge);
        if (pending)
            session.Later(session.Now + Hour, "settle-refund", refundId);
        if (card?.FailingRefund == true)
            session.Later(session.Now + Hour, "fail-refund", refundId);
        return Answer.Ok(refund);
    }

    /// <summary><c>GET /v1/refunds/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("refund", id, toChange: false) is { } refund ? Answer.Ok(refund) : Answer.Missing("refund", id);

    /// <summary><c>GET /v1/refunds</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/refunds", "refund", ["payment_intent", "charge"]);

    /// <summary>The bank took the refund.</summary>
    public static void Settle(Session session, JsonObject refund)
    {
        if (refund.Text("status") != "pending")
            return;
        refund["status"] = "succeeded";
        session.Put(refund);
        session.Emit("refund.updated", refund);
    }

    /// <summary>The bank sent the refund back: the money is ours again, and the customer has to be paid otherwise.</summary>
    public static async Task Fail(Session session, JsonObject refund)
    {
        if (refund.Text("status") == "failed")
            return;
        var charge = (await session.Load("charge", refund.Text("charge")))!;
        refund["status"] = "failed";
        refund["failure_reason"] = "expired_or_canceled_card";
        refund["failure_balance_transaction"] = Balances.Record(session, refund.Id(), "refund_failure", refund.Number("amount"), 0, session.Now).Id();
        charge["amount_refunded"] = charge.Number("amount_refunded") - refund.Number("amount");
        charge["refunded"] = false;
        session.Put(charge);
        session.Put(refund);
        session.Emit("refund.failed", refund);
    }
}
