using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Connected accounts of providers, ready to receive from the start.</summary>
public static class Accounts
{
    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters = ["type", "country", "email", "business_type", "capabilities", "controller", "metadata", "company"];

    /// <summary><c>POST /v1/accounts</c></summary>
    public static Task<Answer> Create(Session session, Form form, string id)
    {
        var account = new JsonObject
        {
            ["id"] = Json.NewId("acct"),
            ["object"] = "account",
            ["capabilities"] = new JsonObject { ["transfers"] = "active" },
            ["charges_enabled"] = false,
            ["country"] = form.Filled("country") ?? "FR",
            ["created"] = session.Now,
            ["default_currency"] = "eur",
            ["details_submitted"] = true,
            ["email"] = form.Filled("email"),
            ["metadata"] = new JsonObject(),
            ["payouts_enabled"] = true,
            ["type"] = form.Filled("type") ?? "none",
        };
        Metadata.Merge(account, form);
        return Task.FromResult(Answer.Ok(session.Put(account)));
    }

    /// <summary><c>GET /v1/accounts/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("account", id, toChange: false) is { } account ? Answer.Ok(account) : Answer.Missing("account", id);
}
