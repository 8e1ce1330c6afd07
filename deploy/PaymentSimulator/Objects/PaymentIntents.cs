using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Payment intents, except for the attempt to charge: see <see cref="Charging"/>.</summary>
public static class PaymentIntents
{
    private const long Smallest = 50;
    private const long Greatest = 99_999_999;

    /// <summary>Parameters of update.</summary>
    public static readonly string[] UpdateParameters =
    [
        "amount", "currency", "customer", "payment_method", "description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor",
        "statement_descriptor_suffix", "transfer_group", "allowed_payment_method_types", "payment_method_options", "payment_method_data", "payment_method_types",
    ];

    /// <summary>Parameters of confirm.</summary>
    public static readonly string[] ConfirmParameters =
    [
        "payment_method", "payment_method_data", "payment_method_options", "return_url", "off_session", "error_on_requires_action", "mandate", "mandate_data",
        "receipt_email", "setup_future_usage", "capture_method", "payment_method_types",
    ];

    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters =
        [.. UpdateParameters.Union(ConfirmParameters), "confirm", "automatic_payment_methods", "confirmation_method", "on_behalf_of"];

    /// <summary><c>POST /v1/payment_intents</c></summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        form.Required("amount");
        form.Required("currency");
        var confirm = form.Flag("confirm");
        if (!confirm && form.Has("off_session"))
            return Answer.Invalid("off_session is only allowed together with confirm=true.", "parameter_unknown", "off_session");
        var types = form.Items("allowed_payment_method_types");
        var intentId = Json.NewId("pi");
        var intent = new JsonObject
        {
            ["id"] = intentId,
            ["object"] = "payment_intent",
            ["allowed_payment_method_types"] = types.Length > 0 ? Json.Array(types) : null,
            ["amount"] = 0,
            ["amount_capturable"] = 0,
            ["amount_received"] = 0,
            ["application"] = null,
            ["application_fee_amount"] = null,
            ["automatic_payment_methods"] = Confirming.AutomaticMethods(form, types),
            ["canceled_at"] = null,
            ["cancellation_reason"] = null,
            ["capture_method"] = form.OneOf("capture_method", "automatic", "automatic_async", "manual") ?? "automatic_async",
            ["client_secret"] = Confirming.Secret(intentId),
            ["confirmation_method"] = form.OneOf("confirmation_method", "automatic", "manual") ?? "automatic",
            ["created"] = session.Now,
            ["currency"] = null,
            ["customer"] = null,
            ["description"] = null,
            ["last_payment_error"] = null,
            ["latest_charge"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["next_action"] = null,
            ["on_behalf_of"] = form.Filled("on_behalf_of"),
            ["payment_method"] = null,
            ["payment_method_options"] = new JsonObject { ["card"] = new JsonObject { ["request_three_d_secure"] = form.Filled("payment_method_options[card][request_three_d_secure]") ?? "automatic" } },
            ["payment_method_types"] = types.Length > 0 ? Json.Array(types) : Json.Array("card"),
            ["processing"] = null,
            ["receipt_email"] = null,
            ["setup_future_usage"] = null,
            ["shipping"] = null,
            ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null,
            ["status"] = "requires_payment_method",
            ["transfer_data"] = null,
            ["transfer_group"] = null,
        };
        if (await Fill(session, form, intent) is { } refusal)
            return refusal;
        if (confirm && Charging.Impossible(form, intent) is { } impossible)
            return impossible;
        session.Put(intent);
        session.Emit("payment_intent.created", intent);
        return confirm ? await Charging.Attempt(session, form, intent) : Answer.Ok(intent);
    }

    /// <summary><c>GET /v1/payment_intents/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("payment_intent", id, toChange: false) is { } intent ? Answer.Ok(intent) : Answer.Missing("payment_intent", id);

    /// <summary><c>GET /v1/payment_intents</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/payment_intents", "payment_intent", ["customer"]);

    /// <summary><c>POST /v1/payment_intents/{id}</c></summary>
    public static async Task<Answer> Update(Session session, Form form, string id)
    {
        if (await session.Load("payment_intent", id) is not { } intent)
            return Answer.Missing("payment_intent", id);
        var isFinal = intent.Text("status") is "succeeded" or "canceled" or "processing" or "requires_capture";
        if (isFinal && UpdateParameters.Any(name => name is not ("metadata" or "description" or "receipt_email" or "transfer_group") && form.Has(name)))
            return WrongState(intent, "update");
        if (await Fill(session, form, intent) is { } refusal)
            return refusal;
        session.Put(intent);
        return Answer.Ok(intent);
    }

    /// <summary><c>POST /v1/payment_intents/{id}/confirm</c></summary>
    public static async Task<Answer> Confirm(Session session, Form form, string id)
    {
        if (await session.Load("payment_intent", id) is not { } intent)
            return Answer.Missing("payment_intent", id);
        if (intent.Text("status") is not ("requires_payment_method" or "requires_confirmation" or "requires_action"))
            return WrongState(intent, "confirm");
        return await Confirming.ChooseMethod(session, form, intent)
            ?? Charging.Impossible(form, intent)
            ?? await Charging.Attempt(session, form, intent);
    }

    /// <summary><c>POST /v1/payment_intents/{id}/cancel</c></summary>
    public static async Task<Answer> Cancel(Session session, Form form, string id)
    {
        if (await session.Load("payment_intent", id) is not { } intent)
            return Answer.Missing("payment_intent", id);
        var reason = form.OneOf("cancellation_reason", "abandoned", "duplicate", "fraudulent", "requested_by_customer");
        if (form.Problem is { } problem)
            return problem;
        if (intent.Text("status") is "succeeded" or "canceled" or "processing")
            return WrongState(intent, "cancel");
        await Charging.Release(session, intent, reason, expired: false);
        return Answer.Ok(intent);
    }

    /// <summary>400 <c>payment_intent_unexpected_state</c> with the intent.</summary>
    public static Answer WrongState(JsonObject intent, string verb) =>
        Answer.WrongState($"You cannot {verb} this PaymentIntent because it has a status of {intent.Text("status")}.", "payment_intent_unexpected_state", intent);

    private static async Task<Answer?> Fill(Session session, Form form, JsonObject intent)
    {
        if (form.Number("amount") is { } amount)
        {
            if (amount < Smallest)
                return Answer.Invalid($"Amount must be at least {Smallest} cents.", "amount_too_small", "amount");
            if (amount > Greatest)
                return Answer.Invalid($"Amount must be no more than {Greatest} cents.", "amount_too_large", "amount");
            intent["amount"] = amount;
        }

        if (form.Filled("currency") is { } currency)
        {
            if (currency.ToLowerInvariant() is not "eur")
                return Answer.Invalid("The simulator's account takes eur only.", "parameter_invalid_string", "currency");
            intent["currency"] = "eur";
        }

        if (form.Problem is { } problem)
            return problem;
        if (form.Filled("customer") is { } customer)
        {
            if (await Customers.Find(session, customer) is null)
                return Answer.Missing("customer", customer, "customer");
            intent["customer"] = customer;
        }

        foreach (var name in (string[])["description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix", "transfer_group"])
        {
            if (form.Text(name) is { } value)
                intent[name] = value.Length == 0 ? null : value;
        }

        Metadata.Merge(intent, form);
        return form.Problem ?? await Confirming.ChooseMethod(session, form, intent);
    }
}
