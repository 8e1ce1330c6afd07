using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Error objects of declined attempts (<c>last_payment_error</c>, <c>last_setup_error</c>, body of a 402).</summary>
public static class Declines
{
    /// <summary>The card's bank said no.</summary>
    public static JsonObject Error(string code, string? declineCode, JsonObject method, string? charge = null)
    {
        var error = new JsonObject
        {
            ["type"] = "card_error",
            ["code"] = code,
            ["decline_code"] = declineCode,
            ["doc_url"] = $"https://stripe.com/docs/error-codes/{code.Replace('_', '-')}",
            ["message"] = Message(code, declineCode),
            ["payment_method"] = method.DeepClone(),
        };
        if (charge is not null)
            error["charge"] = charge;
        if (Advice(declineCode) is { } advice)
            error["advice_code"] = advice;
        return error;
    }

    /// <summary>The owner refused to approve, or failed to.</summary>
    public static JsonObject NotAuthenticated(string kind, JsonObject method) => new()
    {
        ["type"] = "invalid_request_error",
        ["code"] = $"{kind}_authentication_failure",
        ["doc_url"] = $"https://stripe.com/docs/error-codes/{kind.Replace('_', '-')}-authentication-failure",
        ["message"] = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        ["payment_method"] = method.DeepClone(),
    };

    private static string Message(string code, string? declineCode) => (code, declineCode) switch
    {
        ("authentication_required", _) => "Your card was declined. This transaction requires authentication.",
        ("expired_card", _) => "Your card has expired.",
        ("incorrect_cvc", _) => "Your card's security code is incorrect.",
        ("processing_error", _) => "An error occurred while processing your card. Try again in a little bit.",
        (_, "insufficient_funds") => "Your card has insufficient funds.",
        _ => "Your card was declined.",
    };

    private static string? Advice(string? declineCode) => declineCode switch
    {
        "lost_card" or "stolen_card" => "do_not_try_again",
        "generic_decline" or "insufficient_funds" or "processing_error" or "card_velocity_exceeded" => "try_again_later",
        "expired_card" or "incorrect_cvc" => "confirm_card_data",
        _ => null,
    };
}
