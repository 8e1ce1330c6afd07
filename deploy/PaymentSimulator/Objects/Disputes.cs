using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Disputes: the payer's bank takes the money back.</summary>
public static class Disputes
{
    private const long Fee = 2_000;
    private const long Day = 24 * 3600;

    /// <summary>The bank disputes a charge.</summary>
    public static void Open(Session session, JsonObject charge, string reason)
    {
        if (charge.Flag("disputed") || charge.Number("amount_captured") == 0)
            return;
        var id = Json.NewId("du");
        var amount = charge.Number("amount_captured");
        var line = Balances.Record(session, id, "adjustment", -amount, Fee, session.Now);
        charge["disputed"] = true;
        session.Put(charge);
        var dispute = session.Put(new JsonObject
        {
            ["id"] = id,
            ["object"] = "dispute",
            ["amount"] = amount,
            ["balance_transactions"] = new JsonArray(line.DeepClone()),
            ["charge"] = charge.Id(),
            ["created"] = session.Now,
            ["currency"] = "eur",
            ["evidence_details"] = new JsonObject { ["due_by"] = session.Now + (9 * Day), ["has_evidence"] = false, ["past_due"] = false, ["submission_count"] = 0 },
            ["is_charge_refundable"] = false,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["payment_intent"] = charge.Text("payment_intent"),
            ["reason"] = reason,
            ["status"] = reason == "debit_not_authorized" ? "lost" : "needs_response",
        });
        session.Emit("charge.dispute.created", dispute);
        session.Emit("charge.dispute.funds_withdrawn", dispute);
    }

    /// <summary><c>GET /v1/disputes/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("dispute", id, toChange: false) is { } dispute ? Answer.Ok(dispute) : Answer.Missing("dispute", id);

    /// <summary><c>GET /v1/disputes</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/disputes", "dispute", ["charge", "payment_intent"]);
}
