using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Payment methods: test cards by Stripe's tokens, and SEPA accounts.</summary>
public static class PaymentMethods
{
    private const int ValidYears = 3;

    /// <summary><c>GET /v1/payment_methods/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("payment_method", id, toChange: false) is { } method ? Answer.Ok(method) : Answer.Missing("PaymentMethod", id);

    /// <summary><c>GET /v1/payment_methods</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/payment_methods", "payment_method", ["customer", "type"], form.Filled("customer") is null ? ("customer", "") : null);

    /// <summary><c>GET /v1/customers/{id}/payment_methods</c></summary>
    public static async Task<Answer> ListOfCustomer(Session session, Form form, string id) =>
        await Customers.Find(session, id) is null ? Answer.Missing("customer", id)
        : await Lists.Page(session, form, $"/v1/customers/{id}/payment_methods", "payment_method", ["type"], ("customer", id));

    /// <summary><c>POST /v1/payment_methods/{id}/attach</c></summary>
    public static async Task<Answer> Attach(Session session, Form form, string id)
    {
        var customer = form.Required("customer");
        if (form.Problem is { } problem)
            return problem;
        if (await Customers.Find(session, customer) is null)
            return Answer.Missing("customer", customer, "customer");
        if (await Resolve(session, id) is not { } method)
            return Answer.Missing("PaymentMethod", id);
        return await Save(session, method, customer) ?? Answer.Ok(method);
    }

    /// <summary><c>POST /v1/payment_methods/{id}/detach</c></summary>
    public static async Task<Answer> Detach(Session session, Form form, string id)
    {
        if (await session.Load("payment_method", id) is not { } method)
            return Answer.Missing("PaymentMethod", id);
        if (method.Text("customer") is null)
            return Answer.WrongState("The payment method you provided is not attached to a customer so detachment is impossible.", "payment_method_not_attached");
        method["customer"] = null;
        method["_spent"] = true;
        session.Put(method);
        session.Emit("payment_method.detached", method);
        return Answer.Ok(method);
    }

    /// <summary>A payment method by its id, or a new one by Stripe's test token.</summary>
    public static async Task<JsonObject?> Resolve(Session session, string id) =>
        TestCard.All.TryGetValue(id, out var card) ? session.Put(NewCard(session, card)) : await session.Load("payment_method", id);

    /// <summary>The bank behind a card.</summary>
    public static TestCard CardOf(JsonObject method) => TestCard.All[method.Text("_card")!];

    /// <summary>Attaches to a customer by id or token; <c>null</c>, or the refusal.</summary>
    public static async Task<Answer?> Save(Session session, string id, string customer) =>
        await Resolve(session, id) is { } method ? await Save(session, method, customer) : Answer.Missing("PaymentMethod", id, "payment_method");

    /// <summary>Attaches to a customer; <c>null</c>, or the refusal.</summary>
    public static Task<Answer?> Save(Session session, JsonObject method, string customer)
    {
        if (method.Text("customer") == customer)
            return Task.FromResult<Answer?>(null);
        if (BelongsElsewhere(method, customer) is { } refusal)
            return Task.FromResult<Answer?>(refusal);
        if (method.Text("type") == "card")
        {
            var card = CardOf(method);
            if (card.Code is not null && !card.CanBeSaved)
                return Task.FromResult<Answer?>(Answer.Declined(Declines.Error(card.Code, card.DeclineCode, method)));
        }

        method["customer"] = customer;
        session.Put(method);
        session.Emit("payment_method.attached", method);
        return Task.FromResult<Answer?>(null);
    }

    /// <summary>The refusal of a payment method that is another customer's or was detached.</summary>
    public static Answer? BelongsElsewhere(JsonObject method, string? customer)
    {
        if (method.Text("customer") is { } owner && owner != customer)
            return Answer.WrongState("The provided PaymentMethod belongs to another customer.", "payment_method_customer_mismatch");
        return method.Flag("_spent")
            ? Answer.WrongState("The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was detached from a Customer, and may not be used again.", "payment_method_unexpected_state")
            : null;
    }

    /// <summary>A SEPA account from <c>payment_method_data</c>.</summary>
    public static JsonObject NewSepaAccount(Session session, string iban, string? name, string? email)
    {
        var method = New(session, "sepa_debit", name, email);
        method["sepa_debit"] = new JsonObject
        {
            ["bank_code"] = iban[4..Math.Min(9, iban.Length)],
            ["country"] = iban[..2],
            ["fingerprint"] = $"sim_{iban[^4..]}",
            ["last4"] = iban[^4..],
        };
        method["_iban"] = iban;
        return session.Put(method);
    }

    private static JsonObject NewCard(Session session, TestCard card)
    {
        var method = New(session, "card", null, null);
        method["card"] = new JsonObject
        {
            ["brand"] = card.Brand,
            ["checks"] = new JsonObject { ["address_line1_check"] = null, ["address_postal_code_check"] = null, ["cvc_check"] = "pass" },
            ["country"] = card.Country,
            ["display_brand"] = card.Brand,
            ["exp_month"] = 12,
            ["exp_year"] = DateTimeOffset.FromUnixTimeSeconds(session.Now).Year + ValidYears,
            ["fingerprint"] = $"sim_{card.Token}",
            ["funding"] = "credit",
            ["last4"] = card.Last4,
            ["networks"] = new JsonObject { ["available"] = Json.Array(card.Brand), ["preferred"] = null },
            ["three_d_secure_usage"] = new JsonObject { ["supported"] = true },
            ["wallet"] = null,
        };
        method["_card"] = card.Token;
        return method;
    }

    private static JsonObject New(Session session, string type, string? name, string? email) => new()
    {
        ["id"] = Json.NewId("pm"),
        ["object"] = "payment_method",
        ["allow_redisplay"] = "unspecified",
        ["billing_details"] = new JsonObject { ["address"] = null, ["email"] = email, ["name"] = name, ["phone"] = null },
        ["created"] = session.Now,
        ["customer"] = null,
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["type"] = type,
    };
}
