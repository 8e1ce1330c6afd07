using System.Text.Json.Nodes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>What a call answers.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Object or <c>{"error":{…}}</c>.</param>
/// <param name="Stored">Whether the answer is repeated for its idempotency key; failed validation is not (wire contract §3).</param>
public sealed record Answer(int Status, JsonObject Body, bool Stored = true)
{
    /// <summary>200 with an object.</summary>
    public static Answer Ok(JsonObject body) => new(200, body);

    /// <summary>400 before anything ran; not stored.</summary>
    public static Answer Invalid(string message, string? code = null, string? param = null) =>
        Error(400, "invalid_request_error", message, code, param) with { Stored = false };

    /// <summary>400 because of the state that an object is in; stored.</summary>
    public static Answer WrongState(string message, string code, JsonObject? paymentIntent = null, JsonObject? setupIntent = null)
    {
        var answer = Error(400, "invalid_request_error", message, code);
        Attach(answer, "payment_intent", paymentIntent);
        Attach(answer, "setup_intent", setupIntent);
        return answer;
    }

    /// <summary>404 <c>resource_missing</c>, or 400 when the id came as a parameter.</summary>
    public static Answer Missing(string kind, string id, string? param = null) =>
        Error(param is null or "id" ? 404 : 400, "invalid_request_error", $"No such {kind}: '{id}'", "resource_missing", param ?? "id");

    /// <summary>402: the card was declined.</summary>
    public static Answer Declined(JsonObject error, JsonObject? paymentIntent = null, JsonObject? setupIntent = null)
    {
        var answer = new Answer(402, new JsonObject { ["error"] = error.DeepClone() });
        Attach(answer, "payment_intent", paymentIntent);
        Attach(answer, "setup_intent", setupIntent);
        return answer;
    }

    /// <summary>Any error of wire contract §2.</summary>
    public static Answer Error(int status, string type, string message, string? code = null, string? param = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null)
        {
            error["code"] = code;
            error["doc_url"] = $"https://stripe.com/docs/error-codes/{code.Replace('_', '-')}";
        }

        if (param is not null)
            error["param"] = param;
        return new(status, new JsonObject { ["error"] = error });
    }

    private static void Attach(Answer answer, string name, JsonObject? value)
    {
        if (value is not null)
            answer.Body["error"]![name] = value.DeepClone();
    }
}
