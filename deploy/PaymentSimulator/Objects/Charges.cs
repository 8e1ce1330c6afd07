using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Charges: attempts to take money.</summary>
public static class Charges
{
    private const long Day = 24 * 3600;

    /// <summary>How long a hold lives: 7 days, or 4 days 18 hours for a Visa without its owner (wire contract §6.1).</summary>
    public static long HoldSeconds(TestCard card, bool offSession) => offSession && card.Brand == "visa" ? (4 * Day) + (18 * 3600) : 7 * Day;

    /// <summary><c>GET /v1/charges/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("charge", id, toChange: false) is { } charge ? Answer.Ok(charge) : Answer.Missing("charge", id);

    /// <summary><c>GET /v1/charges</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/charges", "charge", ["customer", "payment_intent", "transfer_group"]);

    /// <summary><c>POST /v1/payment_intents/{id}/capture</c></summary>
    public static async Task<Answer> Capture(Session session, Form form, string id)
    {
        if (await session.Load("payment_intent", id) is not { } intent)
            return Answer.Missing("payment_intent", id);
        if (intent.Text("status") != "requires_capture")
            return PaymentIntents.WrongState(intent, "capture");
        var amount = form.Number("amount_to_capture") ?? intent.Number("amount_capturable");
        if (form.Problem is { } problem)
            return problem;
        if (amount < 1 || amount > intent.Number("amount_capturable"))
            return Answer.Invalid("amount_to_capture must be at least 1 and at most amount_capturable.", "amount_too_large", "amount_to_capture");
        var charge = (await session.Load("charge", intent.Text("latest_charge")))!;
        var method = (await session.Load("payment_method", charge.Text("payment_method"), toChange: false))!;
        Collect(session, charge, amount, PaymentMethods.CardOf(method).BypassPending);
        session.Emit("charge.captured", charge);
        Charging.Succeed(session, intent, amount);
        return Answer.Ok(intent);
    }

    /// <summary>Marks the money as taken and writes the statement's line.</summary>
    public static void Collect(Session session, JsonObject charge, long amount, bool availableAtOnce)
    {
        charge["captured"] = true;
        charge["amount_captured"] = amount;
        charge["balance_transaction"] = Balances.Record(
            session, charge.Id(), "charge", amount, Balances.CardFee(amount), availableAtOnce ? session.Now : Balances.UsuallyAvailable(session.Now)).Id();
        session.Put(charge);
    }

    /// <summary>A new attempt, money not taken yet.</summary>
    public static JsonObject New(Session session, JsonObject intent, JsonObject method, string status)
    {
        var details = (JsonObject)method[method.Text("type")!]!.DeepClone();
        return session.Put(new JsonObject
        {
            ["id"] = Json.NewId(method.Text("type") == "card" ? "ch" : "py"),
            ["object"] = "charge",
            ["amount"] = intent.Number("amount"),
            ["amount_captured"] = 0,
            ["amount_refunded"] = 0,
            ["application"] = null,
            ["balance_transaction"] = null,
            ["billing_details"] = method["billing_details"]!.DeepClone(),
            ["calculated_statement_descriptor"] = null,
            ["captured"] = false,
            ["created"] = session.Now,
            ["currency"] = intent.Text("currency"),
            ["customer"] = intent.Text("customer"),
            ["description"] = intent.Text("description"),
            ["disputed"] = false,
            ["failure_code"] = null,
            ["failure_message"] = null,
            ["livemode"] = false,
            ["metadata"] = intent["metadata"]!.DeepClone(),
            ["outcome"] = new JsonObject
            {
                ["network_status"] = status == "failed" ? "declined_by_network" : "approved_by_network",
                ["type"] = status == "failed" ? "issuer_declined" : "authorized",
                ["risk_level"] = "normal",
            },
            ["paid"] = status == "succeeded",
            ["payment_intent"] = intent.Id(),
            ["payment_method"] = method.Id(),
            ["payment_method_details"] = new JsonObject { ["type"] = method.Text("type"), [method.Text("type")!] = details },
            ["refunded"] = false,
            ["statement_descriptor_suffix"] = intent.Text("statement_descriptor_suffix"),
            ["status"] = status,
            ["transfer_group"] = intent.Text("transfer_group"),
        });
    }
}
