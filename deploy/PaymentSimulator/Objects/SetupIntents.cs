using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Admin;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Setup intents: saving a payment method for later.</summary>
public static class SetupIntents
{
    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters =
    [
        "customer", "payment_method", "payment_method_data", "usage", "allowed_payment_method_types", "automatic_payment_methods", "confirm",
        "return_url", "metadata", "description", "payment_method_options", "mandate_data", "payment_method_types",
    ];

    /// <summary>Parameters of confirm.</summary>
    public static readonly string[] ConfirmParameters = ["payment_method", "payment_method_data", "return_url", "mandate_data", "payment_method_options"];

    /// <summary><c>POST /v1/setup_intents</c></summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        var usage = form.OneOf("usage", "off_session", "on_session") ?? "off_session";
        var confirm = form.Flag("confirm");
        if (form.Problem is { } problem)
            return problem;
        if (form.Filled("customer") is { } customer && await Customers.Find(session, customer) is null)
            return Answer.Missing("customer", customer, "customer");
        if (form.Filled("return_url") is not null && !confirm)
            return Answer.Invalid("return_url is only allowed together with confirm=true.", "parameter_unknown", "return_url");
        var types = form.Items("allowed_payment_method_types");
        var intentId = Json.NewId("seti");
        var intent = new JsonObject
        {
            ["id"] = intentId,
            ["object"] = "setup_intent",
            ["allowed_payment_method_types"] = types.Length > 0 ? Json.Array(types) : null,
            ["application"] = null,
            ["automatic_payment_methods"] = Confirming.AutomaticMethods(form, types),
            ["cancellation_reason"] = null,
            ["client_secret"] = Confirming.Secret(intentId),
            ["created"] = session.Now,
            ["customer"] = form.Filled("customer"),
            ["description"] = form.Filled("description"),
            ["last_setup_error"] = null,
            ["latest_attempt"] = null,
            ["livemode"] = false,
            ["mandate"] = null,
            ["metadata"] = new JsonObject(),
            ["next_action"] = null,
            ["payment_method"] = null,
            ["payment_method_options"] = new JsonObject { ["card"] = new JsonObject { ["request_three_d_secure"] = form.Filled("payment_method_options[card][request_three_d_secure]") ?? "automatic" } },
            ["payment_method_types"] = types.Length > 0 ? Json.Array(types) : Json.Array("card"),
            ["status"] = "requires_payment_method",
            ["usage"] = usage,
        };
        Metadata.Merge(intent, form);
        if (await Confirming.ChooseMethod(session, form, intent) is { } refusal)
            return refusal;
        session.Put(intent);
        session.Emit("setup_intent.created", intent);
        return confirm ? await ConfirmIntent(session, form, intent) : Answer.Ok(intent);
    }

    /// <summary><c>GET /v1/setup_intents/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("setup_intent", id, toChange: false) is { } intent ? Answer.Ok(intent) : Answer.Missing("setupintent", id);

    /// <summary><c>GET /v1/setup_intents</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/setup_intents", "setup_intent", ["customer", "payment_method"]);

    /// <summary><c>POST /v1/setup_intents/{id}/confirm</c></summary>
    public static async Task<Answer> Confirm(Session session, Form form, string id)
    {
        if (await session.Load("setup_intent", id) is not { } intent)
            return Answer.Missing("setupintent", id);
        if (intent.Text("status") is "succeeded" or "canceled" or "processing")
            return WrongState(intent, "confirm");
        return await Confirming.ChooseMethod(session, form, intent) ?? await ConfirmIntent(session, form, intent);
    }

    /// <summary><c>POST /v1/setup_intents/{id}/cancel</c></summary>
    public static async Task<Answer> Cancel(Session session, Form form, string id)
    {
        if (await session.Load("setup_intent", id) is not { } intent)
            return Answer.Missing("setupintent", id);
        var reason = form.OneOf("cancellation_reason", "abandoned", "duplicate", "requested_by_customer");
        if (intent.Text("status") is "succeeded" or "canceled" or "processing")
            return WrongState(intent, "cancel");
        intent["status"] = "canceled";
        intent["cancellation_reason"] = reason;
        intent["next_action"] = null;
        session.Put(intent);
        session.Emit("setup_intent.canceled", intent);
        return Answer.Ok(intent);
    }

    /// <summary>The owner answered the bank's question.</summary>
    public static async Task Authenticated(Session session, JsonObject intent, bool approved)
    {
        var method = (await session.Load("payment_method", intent.Text("payment_method")))!;
        intent["next_action"] = null;
        if (approved)
            await Decide(session, intent, method, authenticated: true);
        else
            Fail(session, intent, Declines.NotAuthenticated("setup_intent", method));
    }

    private static async Task<Answer> ConfirmIntent(Session session, Form form, JsonObject intent)
    {
        if (await session.Load("payment_method", intent.Text("payment_method")) is not { } method)
            return Answer.WrongState("You cannot confirm this SetupIntent because it's missing a payment method.", "setup_intent_unexpected_state", setupIntent: intent);
        if (Confirming.MissingReturnAddress(form, intent) is { } refusal)
            return refusal;
        intent["_return_url"] = form.WebAddress("return_url");
        if (form.Problem is { } problem)
            return problem;
        intent["latest_attempt"] = Json.NewId("setatt");
        return await Decide(session, intent, method, authenticated: false);
    }

    private static async Task<Answer> Decide(Session session, JsonObject intent, JsonObject method, bool authenticated)
    {
        if (method.Text("type") == "card")
        {
            var asked = intent["payment_method_options"]!["card"]!["request_three_d_secure"]!.GetValue<string>() is "any" or "challenge";
            var bank = PaymentMethods.CardOf(method).Decide(Moment.Setup, setUp: false, authenticated, asked);
            if (bank.NeedsAuthentication)
            {
                ThreeDSecure.Demand(session, intent);
                session.Emit("setup_intent.requires_action", intent);
                return Answer.Ok(intent);
            }

            if (bank.Code is not null)
            {
                var error = Declines.Error(bank.Code, bank.DeclineCode, method);
                Fail(session, intent, error);
                return Answer.Declined(error, setupIntent: intent);
            }
        }
        else
        {
            intent["mandate"] = SepaDebits.NewMandate(session, method).Id();
        }

        if (intent.Text("customer") is { } customer && await PaymentMethods.Save(session, method, customer) is { } refusal)
            return refusal;
        method["_set_up"] = intent.Text("usage") == "off_session";
        session.Put(method);
        intent["status"] = "succeeded";
        intent["last_setup_error"] = null;
        session.Put(intent);
        session.Emit("setup_intent.succeeded", intent);
        return Answer.Ok(intent);
    }

    private static void Fail(Session session, JsonObject intent, JsonObject error)
    {
        intent["status"] = "requires_payment_method";
        intent["payment_method"] = null;
        intent["last_setup_error"] = error.DeepClone();
        session.Put(intent);
        session.Emit("setup_intent.setup_failed", intent);
    }

    private static Answer WrongState(JsonObject intent, string verb) =>
        Answer.WrongState($"You cannot {verb} this SetupIntent because it has a status of {intent.Text("status")}.", "setup_intent_unexpected_state", setupIntent: intent);
}
