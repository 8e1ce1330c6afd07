using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Payouts to the platform's bank account.</summary>
public static class Payouts
{
    private const long Day = 24 * 3600;

    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters = ["amount", "currency", "description", "metadata", "statement_descriptor"];

    /// <summary><c>POST /v1/payouts</c>: a manual one, which cannot be itemised.</summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        form.Required("amount");
        var currency = form.Required("currency");
        var amount = form.Number("amount") ?? 0;
        if (form.Problem is { } problem)
            return problem;
        if (currency != "eur" || amount < 1)
            return Answer.Invalid("A payout needs a positive amount in eur.", "parameter_invalid_integer", "amount");
        if (await Balances.Available(session) < amount)
            return Answer.WrongState("You have insufficient funds in your Stripe account for this transfer.", "balance_insufficient");
        var payout = New(session, amount, automatic: false);
        Metadata.Merge(payout, form);
        return Answer.Ok(payout);
    }

    /// <summary>Pays out all that is available and not paid out yet, itemised (<c>POST /simulator/payouts</c>).</summary>
    public static async Task<Answer> PayAll(Session session, Form form, string id)
    {
        if (await Balances.Available(session) < 1)
            return Answer.WrongState("Nothing is available.", "balance_insufficient");
        var lines = await session.Query(
            "select body from objects where kind = 'balance_transaction' and body->>'_payout' is null and body->>'type' <> 'payout' and (body->>'available_on')::bigint <= $1",
            session.Now);
        var sum = lines.Sum(line => line.Number("net"));
        if (sum < 1)
            return Answer.WrongState("Nothing is left to itemise.", "balance_insufficient");
        var payout = New(session, sum, automatic: true);
        foreach (var line in lines)
        {
            line["_payout"] = payout.Id();
            session.Put(line);
        }

        return Answer.Ok(payout);
    }

    /// <summary><c>GET /v1/payouts/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("payout", id, toChange: false) is { } payout ? Answer.Ok(payout) : Answer.Missing("payout", id);

    /// <summary><c>GET /v1/payouts</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/payouts", "payout", ["status"]);

    /// <summary>The money reached the bank.</summary>
    public static void Arrive(Session session, JsonObject payout)
    {
        if (payout.Text("status") != "in_transit")
            return;
        payout["status"] = "paid";
        session.Put(payout);
        session.Emit("payout.paid", payout);
    }

    private static JsonObject New(Session session, long amount, bool automatic)
    {
        var id = Json.NewId("po");
        var line = Balances.Record(session, id, "payout", -amount, 0, session.Now);
        if (automatic)
            line["_payout"] = id;
        var payout = session.Put(new JsonObject
        {
            ["id"] = id,
            ["object"] = "payout",
            ["amount"] = amount,
            ["arrival_date"] = session.Now + (2 * Day),
            ["automatic"] = automatic,
            ["balance_transaction"] = line.Id(),
            ["created"] = session.Now,
            ["currency"] = "eur",
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["method"] = "standard",
            ["reconciliation_status"] = automatic ? "completed" : "not_applicable",
            ["status"] = "in_transit",
            ["trace_id"] = new JsonObject { ["status"] = "supported", ["value"] = $"SIM{id[^12..].ToUpperInvariant()}" },
            ["type"] = "bank_account",
        });
        session.Emit("payout.created", payout);
        if (automatic)
            session.Emit("payout.reconciliation_completed", payout);
        session.Later(session.Now + (2 * Day), "arrive-payout", id);
        return payout;
    }
}
