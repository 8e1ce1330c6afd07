using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Transfers to connected accounts, and their reversals.</summary>
public static class Transfers
{
    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters = ["amount", "currency", "destination", "source_transaction", "transfer_group", "description", "metadata"];

    /// <summary><c>POST /v1/transfers</c></summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        form.Required("amount");
        var currency = form.Required("currency");
        var destination = form.Required("destination");
        var amount = form.Number("amount") ?? 0;
        if (form.Problem is { } problem)
            return problem;
        if (currency != "eur" || amount < 1)
            return Answer.Invalid("A transfer needs a positive amount in eur.", "parameter_invalid_integer", "amount");
        if (await session.Load("account", destination, toChange: false) is not { } account)
            return Answer.Missing("destination", destination, "destination");
        if (account["capabilities"]?["transfers"]?.GetValue<string>() != "active")
            return Answer.WrongState("Your destination account needs to have the transfers capability enabled.", "insufficient_capabilities_for_transfer");
        var availableOn = session.Now;
        var group = form.Filled("transfer_group");
        if (form.Filled("source_transaction") is { } chargeId)
        {
            if (await session.Load("charge", chargeId) is not { } charge)
                return Answer.Missing("charge", chargeId, "source_transaction");
            var given = (await session.Find("transfer", "source_transaction", chargeId)).Sum(transfer => transfer.Number("amount"));
            if (given + amount > charge.Number("amount_captured"))
                return Answer.WrongState($"The transfers of {chargeId} would exceed its amount.", "charge_exceeds_source_limit");
            availableOn = (await session.Load("balance_transaction", charge.Text("balance_transaction"), toChange: false))!.Number("available_on");
            group ??= charge.Text("transfer_group");
        }
        else if (await Balances.Available(session) < amount)
        {
            return Answer.WrongState("You have insufficient available funds in your Stripe account.", "balance_insufficient");
        }

        var transferId = Json.NewId("tr");
        var transfer = new JsonObject
        {
            ["id"] = transferId,
            ["object"] = "transfer",
            ["amount"] = amount,
            ["amount_reversed"] = 0,
            ["balance_transaction"] = Balances.Record(session, transferId, "transfer", -amount, 0, Math.Max(availableOn, session.Now)).Id(),
            ["created"] = session.Now,
            ["currency"] = "eur",
            ["description"] = form.Filled("description"),
            ["destination"] = destination,
            ["destination_payment"] = Json.NewId("py"),
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["reversals"] = Lists.List($"/v1/transfers/{transferId}/reversals", [], hasMore: false),
            ["reversed"] = false,
            ["source_transaction"] = form.Filled("source_transaction"),
            ["source_type"] = "card",
            ["transfer_group"] = group,
        };
        Metadata.Merge(transfer, form);
        session.Put(transfer);
        session.Emit("transfer.created", transfer);
        return Answer.Ok(transfer);
    }

    /// <summary><c>GET /v1/transfers/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("transfer", id, toChange: false) is { } transfer ? Answer.Ok(transfer) : Answer.Missing("transfer", id);

    /// <summary><c>GET /v1/transfers</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/transfers", "transfer", ["transfer_group", "destination"]);

    /// <summary><c>POST /v1/transfers/{id}/reversals</c></summary>
    public static async Task<Answer> Reverse(Session session, Form form, string id)
    {
        if (await session.Load("transfer", id) is not { } transfer)
            return Answer.Missing("transfer", id);
        var left = transfer.Number("amount") - transfer.Number("amount_reversed");
        var amount = form.Number("amount") ?? left;
        if (form.Problem is { } problem)
            return problem;
        if (amount < 1 || amount > left)
            return Answer.WrongState($"Reversal amount ({amount}) must be at least 1 and at most the unreversed amount ({left}).", "amount_too_large");
        var reversalId = Json.NewId("trr");
        var reversal = new JsonObject
        {
            ["id"] = reversalId,
            ["object"] = "transfer_reversal",
            ["amount"] = amount,
            ["balance_transaction"] = Balances.Record(session, reversalId, "transfer_refund", amount, 0, session.Now).Id(),
            ["created"] = session.Now,
            ["currency"] = "eur",
            ["destination_payment_refund"] = Json.NewId("pyr"),
            ["metadata"] = new JsonObject(),
            ["source_refund"] = null,
            ["transfer"] = id,
        };
        Metadata.Merge(reversal, form);
        transfer["amount_reversed"] = transfer.Number("amount_reversed") + amount;
        transfer["reversed"] = amount == left;
        transfer["reversals"]!["data"]!.AsArray().Insert(0, reversal.DeepClone());
        session.Put(transfer);
        session.Put(reversal);
        session.Emit("transfer.reversed", transfer);
        return Answer.Ok(reversal);
    }

    /// <summary><c>GET /v1/transfers/{id}/reversals</c></summary>
    public static async Task<Answer> Reversals(Session session, Form form, string id) =>
        await session.Load("transfer", id, toChange: false) is null ? Answer.Missing("transfer", id)
        : await Lists.Page(session, form, $"/v1/transfers/{id}/reversals", "transfer_reversal", [], ("transfer", id));
}
