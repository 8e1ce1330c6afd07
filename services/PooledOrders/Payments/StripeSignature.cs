using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.PooledOrders.Payments;

/// <summary>What the check of a webhook's signature found.</summary>
public enum StripeSignatureVerdict
{
    /// <summary>Signed with our secret, and recent.</summary>
    Valid,

    /// <summary>No header, no or several <c>t</c>, a <c>t</c> that is not a whole number, or no <c>v1</c>.</summary>
    Malformed,

    /// <summary>No <c>v1</c> of the header fits the body, the time and the secret.</summary>
    WrongSignature,

    /// <summary>Correctly signed, but further from now than the tolerance, in either direction.</summary>
    OutsideTolerance,
}

/// <summary>The <c>Stripe-Signature</c> header: <c>t=…,v1=hex(HMAC-SHA256(secret, t + "." + body))</c>.</summary>
public static class StripeSignature
{
    /// <summary>How old a signature may be, as in Stripe's own SDKs.</summary>
    public static readonly TimeSpan DefaultTolerance = TimeSpan.FromSeconds(300);

    /// <summary>Checks one delivery. Call it with the bytes as received: a body that was parsed and written again fails.</summary>
    /// <param name="rawBody">The body, untouched.</param>
    /// <param name="header">The header's value; <c>null</c> when it was absent.</param>
    /// <param name="secret">The endpoint's secret including its prefix <c>whsec_</c>.</param>
    /// <param name="now">The current time; whole seconds count.</param>
    /// <param name="tolerance">Greatest distance between <c>t</c> and now, in both directions; must be positive.</param>
    /// <exception cref="ArgumentException">No secret, or a tolerance that would switch the check off.</exception>
    public static StripeSignatureVerdict Verify(
        ReadOnlySpan<byte> rawBody, string? header, string secret, DateTimeOffset now, TimeSpan tolerance)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(tolerance, TimeSpan.Zero);

        string? timestamp = null;
        var signatures = new List<string>(2);
        foreach (var element in (header ?? "").Split(','))
        {
            if (element.StartsWith("t=", StringComparison.Ordinal))
            {
                if (timestamp is not null)
                    return StripeSignatureVerdict.Malformed;
                timestamp = element[2..];
            }
            else if (element.StartsWith("v1=", StringComparison.Ordinal))
            {
                signatures.Add(element[3..]);
            }
        }

        if (signatures.Count == 0 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return StripeSignatureVerdict.Malformed;

        // Two secrets are valid while one is being rolled over, so any fitting v1 is enough.
        var expected = Encoding.ASCII.GetBytes(Sign(rawBody, timestamp!, secret));
        var fits = false;
        foreach (var signature in signatures)
            fits |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
        if (!fits)
            return StripeSignatureVerdict.WrongSignature;

        var distance = (Int128)now.ToUnixTimeSeconds() - seconds;
        return Int128.Abs(distance) <= (Int128)(long)tolerance.TotalSeconds
            ? StripeSignatureVerdict.Valid
            : StripeSignatureVerdict.OutsideTolerance;
    }

    private static string Sign(ReadOnlySpan<byte> rawBody, string timestamp, string secret)
    {
        var message = new byte[timestamp.Length + 1 + rawBody.Length];
        Encoding.ASCII.GetBytes(timestamp + ".", message);
        rawBody.CopyTo(message.AsSpan(timestamp.Length + 1));
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message));
    }
}
