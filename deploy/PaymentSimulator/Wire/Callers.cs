using System.Text;
using System.Text.RegularExpressions;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Who may call: test keys only.</summary>
public static partial class Callers
{
    /// <summary>The refusal of a call that is not allowed or not readable, or <c>null</c>.</summary>
    public static Answer? Refuse(HttpRequest request, string idempotencyKey)
    {
        var key = Key(request.Headers.Authorization.ToString());
        if (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal))
            return Unauthorized("This is the payment simulator: it refuses live keys. Check the address your live system calls, and roll this key.");
        if (!key.StartsWith("sk_test_", StringComparison.Ordinal) && !key.StartsWith("rk_test_", StringComparison.Ordinal))
            return Unauthorized(key.Length == 0 ? "You did not provide an API key." : "Invalid API Key provided.");
        if (request.Headers["Stripe-Version"].ToString() is { Length: > 0 } version && !VersionForm().IsMatch(version))
            return Answer.Invalid("Invalid Stripe API version.");
        if (idempotencyKey.Length > 255)
            return Answer.Invalid("Idempotency-Key may not be longer than 255 characters.");
        if (HttpMethods.IsPost(request.Method) && request.ContentLength is > 0
            && request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
            return Answer.Invalid("Bodies of /v1 are application/x-www-form-urlencoded.");
        return null;
    }

    private static Answer Unauthorized(string message) => Answer.Error(401, "invalid_request_error", message);

    private static string Key(string authorization)
    {
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return authorization[7..].Trim();
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return "";
        var buffer = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[6..].Trim(), buffer, out var length)
            ? Encoding.UTF8.GetString(buffer, 0, length).Split(':')[0]
            : "";
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionForm();
}
