using System.Security.Cryptography;
using System.Text;

namespace Marketplace.PaymentSimulator.Webhooks;

/// <summary>The header that Stripe signs its webhooks with.</summary>
public static class WebhookSignature
{
    /// <summary><c>t=…,v1=hex(HMAC-SHA256(secret, t + "." + body))</c></summary>
    public static string Header(byte[] body, string secret, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds();
        byte[] message = [.. Encoding.ASCII.GetBytes($"{timestamp}."), .. body];
        return $"t={timestamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message))}";
    }
}
