using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>SEPA direct debits: accepted at once, known days later (wire contract §7 and the IBANs of §12).</summary>
public static class SepaDebits
{
    private const long Day = 24 * 3600;
    private const long SettledAfter = 5 * Day;
    private const long Fee = 35;

    /// <summary>Creates a mandate for an account.</summary>
    public static JsonObject NewMandate(Session session, JsonObject method)
    {
        var id = Json.NewId("mandate");
        return session.Put(new JsonObject
        {
            ["id"] = id,
            ["object"] = "mandate",
            ["customer_acceptance"] = new JsonObject { ["accepted_at"] = session.Now, ["type"] = "online" },
            ["livemode"] = false,
            ["multi_use"] = new JsonObject(),
            ["payment_method"] = method.Id(),
            ["payment_method_details"] = new JsonObject
            {
                ["type"] = "sepa_debit",
                ["sepa_debit"] = new JsonObject { ["reference"] = id[^12..].ToUpperInvariant(), ["url"] = null },
            },
            ["status"] = "active",
            ["type"] = "multi_use",
        });
    }

    /// <summary><c>GET /v1/mandates/{id}</c></summary>
    public static async Task<Answer> GetMandate(Session session, Form form, string id) =>
        await session.Load("mandate", id, toChange: false) is { } mandate ? Answer.Ok(mandate) : Answer.Missing("mandate", id);

    /// <summary>Sends the debit to the bank; the intent is processing until <see cref="Settle"/>.</summary>
    public static Answer Start(Session session, JsonObject intent, JsonObject method)
    {
        if (intent.Text("capture_method") == "manual")
            return Answer.WrongState("SEPA direct debits cannot be captured later.", "payment_intent_unexpected_state", intent);
        var limit = method.Text("_iban") switch
        {
            "FR9720041010050000000343434" => "charge_exceeds_source_limit",
            "FR5920041010050000000121212" => "charge_exceeds_weekly_limit",
            _ => null,
        };
        var charge = Charges.New(session, intent, method, limit is null ? "pending" : "failed");
        intent["latest_charge"] = charge.Id();
        if (limit is not null)
        {
            var error = new JsonObject { ["type"] = "card_error", ["code"] = limit, ["message"] = "The debit exceeds a limit.", ["charge"] = charge.Id(), ["payment_method"] = method.DeepClone() };
            session.Emit("charge.failed", charge);
            Charging.Fail(session, intent, error);
            return Answer.Declined(error, paymentIntent: intent);
        }

        intent["status"] = "processing";
        session.Put(intent);
        session.Emit("charge.pending", charge);
        session.Emit("payment_intent.processing", intent);
        session.Later(session.Now + SettledAfter, "settle-debit", intent.Id());
        return Answer.Ok(intent);
    }

    /// <summary>The bank's answer is known.</summary>
    public static async Task Settle(Session session, JsonObject intent)
    {
        if (intent.Text("status") != "processing")
            return;
        var charge = (await session.Load("charge", intent.Text("latest_charge")))!;
        var method = (await session.Load("payment_method", charge.Text("payment_method"), toChange: false))!;
        var failure = method.Text("_iban") switch
        {
            "FR8420041010050500013M02607" or "FR7920041010050500013M02600" => "generic_could_not_process",
            "FR9720041010050000002222227" => "insufficient_funds",
            _ => null,
        };
        if (failure is not null)
        {
            charge["status"] = "failed";
            charge["failure_code"] = failure;
            session.Put(charge);
            session.Emit("charge.failed", charge);
            Charging.Fail(session, intent, new JsonObject { ["type"] = "card_error", ["code"] = failure, ["message"] = "The bank returned the debit.", ["charge"] = charge.Id(), ["payment_method"] = method.DeepClone() });
            return;
        }

        charge["status"] = "succeeded";
        charge["paid"] = true;
        charge["captured"] = true;
        charge["amount_captured"] = charge.Number("amount");
        charge["balance_transaction"] = Balances.Record(session, charge.Id(), "payment", charge.Number("amount"), Fee, session.Now).Id();
        session.Put(charge);
        session.Emit("charge.succeeded", charge);
        Charging.Succeed(session, intent, charge.Number("amount"));
        if (method.Text("_iban") == "FR5720041010050500013M02608")
            session.Later(session.Now + Day, "dispute:debit_not_authorized", charge.Id());
    }

    /// <summary>Whether a text is an IBAN with right check digits (ISO 13616).</summary>
    public static bool IsIban(string iban)
    {
        if (iban.Length is < 15 or > 34 || iban.Any(c => !char.IsAsciiLetterOrDigit(c)))
            return false;
        var remainder = 0;
        foreach (var c in iban[4..] + iban[..4])
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        return remainder == 1 || SpecialIbans.Contains(iban);
    }

    // Stripe's documentation prints some test numbers whose check digits are not ours to judge.
    private static readonly string[] SpecialIbans = ["FR9720041010050000000343434", "FR5920041010050000000121212", "FR9720041010050000002222227"];
}
