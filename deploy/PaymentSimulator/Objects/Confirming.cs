using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>What confirming a setup intent and confirming a payment intent have in common.</summary>
public static class Confirming
{
    /// <summary>Secret that lets a browser confirm the intent.</summary>
    public static string Secret(string intentId) => $"{intentId}_secret_{Json.NewId("x")[6..]}";

    /// <summary>Dynamic payment methods are on unless the types are narrowed.</summary>
    public static JsonObject? AutomaticMethods(Form form, string[] types)
    {
        var sent = form.Has("automatic_payment_methods");
        if (sent && types.Length > 0)
            form.Refuse(Answer.Invalid("You may only specify one of these parameters: allowed_payment_method_types, automatic_payment_methods.", null, "automatic_payment_methods"));
        if (types.Length > 0 || (sent && !form.Flag("automatic_payment_methods[enabled]")))
            return null;
        return new() { ["enabled"] = true, ["allow_redirects"] = form.OneOf("automatic_payment_methods[allow_redirects]", "always", "never") ?? "always" };
    }

    /// <summary>Takes the payment method that the call names, if any, into the intent; <c>null</c>, or the refusal.</summary>
    public static async Task<Answer?> ChooseMethod(Session session, Form form, JsonObject intent)
    {
        JsonObject? method;
        if (form.Filled("payment_method") is { } id)
        {
            method = await PaymentMethods.Resolve(session, id);
            if (method is null)
                return Answer.Missing("PaymentMethod", id, "payment_method");
        }
        else if (form.Has("payment_method_data"))
        {
            if (form.OneOf("payment_method_data[type]", "sepa_debit") is null)
                return Answer.Invalid("The simulator takes cards by Stripe's test tokens and payment_method_data of type sepa_debit.", "parameter_invalid_string", "payment_method_data[type]");
            if (!form.Has("mandate_data"))
                return Answer.Invalid("A mandate is required for this payment method: send mandate_data.", "parameter_missing", "mandate_data");
            var iban = form.Required("payment_method_data[sepa_debit][iban]").Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
            if (form.Problem is null && !SepaDebits.IsIban(iban))
                return Answer.Invalid("The IBAN you provided is invalid.", "invalid_bank_account_iban", "payment_method_data[sepa_debit][iban]");
            var name = form.Required("payment_method_data[billing_details][name]");
            var email = form.Required("payment_method_data[billing_details][email]");
            if (form.Problem is { } problem)
                return problem;
            method = PaymentMethods.NewSepaAccount(session, iban, name, email);
        }
        else
        {
            return null;
        }

        var allowed = intent["allowed_payment_method_types"] as JsonArray;
        if (allowed is not null && !allowed.Any(type => (string?)type == method.Text("type")))
            return Answer.Invalid($"The PaymentMethod provided ({method.Text("type")}) is not allowed for this intent.", null, "payment_method");
        if (PaymentMethods.BelongsElsewhere(method, intent.Text("customer")) is { } refusal)
            return refusal;
        intent["payment_method"] = method.Id();
        if (intent.Text("status") is "requires_payment_method" or "requires_action")
            intent["status"] = "requires_confirmation";
        intent["next_action"] = null;
        return null;
    }

    /// <summary>Methods that redirect need an address to return to, unless they are excluded.</summary>
    public static Answer? MissingReturnAddress(Form form, JsonObject intent) =>
        form.Filled("return_url") is null && !form.Flag("off_session")
        && intent["automatic_payment_methods"] is JsonObject automatic && automatic.Text("allow_redirects") != "never"
            ? Answer.Invalid("This intent accepts payment methods that redirect: send return_url, or automatic_payment_methods[allow_redirects]=never, or narrow allowed_payment_method_types.", null, "return_url")
            : null;
}
