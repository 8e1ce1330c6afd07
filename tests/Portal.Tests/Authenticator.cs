using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Marketplace.Portal.Tests;

/// <summary>An authenticator app, from RFC 6238 and RFC 4648 and not from our own code.</summary>
public static class Authenticator
{
    /// <summary>The code that the app shows, now or some steps of 30 seconds later.</summary>
    public static string Code(string base32, int stepsLater = 0)
    {
        var bits = string.Concat(base32.Replace(" ", "", StringComparison.Ordinal).Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + stepsLater);
        var hash = HMACSHA1.HashData(key, counter);
        var at = hash[19] & 0xF;
        return (((hash[at] & 0x7F) << 24 | hash[at + 1] << 16 | hash[at + 2] << 8 | hash[at + 3]) % 1_000_000).ToString("D6");
    }
}
