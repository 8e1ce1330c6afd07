using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>
/// Time-based one-time codes (RFC 6238): HMAC-SHA1, 30 seconds, 6 digits, which is what every authenticator app takes.
/// They go by the system's clock, as the apps do.
/// </summary>
public static class Totp
{
    /// <summary>Bytes of a secret: as many as HMAC-SHA1's output (RFC 4226 §4).</summary>
    public const int SecretLength = 20;

    private const int Seconds = 30;

    /// <summary>Clocks of phones differ: one step before and after is accepted (RFC 6238 §5.2).</summary>
    private const int Drift = 1;

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The time step of an instant.</summary>
    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / Seconds;

    /// <summary>The code of a time step: six digits.</summary>
    public static string CodeAt(byte[] secret, long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var hash = HMACSHA1.HashData(secret, counter);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xF, 4)) & int.MaxValue;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>The time step that the code belongs to; null when it is wrong, too old, or was used.</summary>
    /// <param name="secret">As enrolled.</param>
    /// <param name="code">As typed; spaces do not count.</param>
    /// <param name="at">Now.</param>
    /// <param name="lastUsed">The step of the last accepted code: only later ones count.</param>
    public static long? Accepts(byte[] secret, string code, DateTimeOffset at, long? lastUsed)
    {
        var typed = Encoding.UTF8.GetBytes(code.Replace(" ", "", StringComparison.Ordinal));
        long? accepted = null;
        for (var step = StepAt(at) - Drift; step <= StepAt(at) + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(typed, Encoding.UTF8.GetBytes(CodeAt(secret, step))) && !(step <= lastUsed))
            {
                accepted = step;
            }
        }

        return accepted;
    }

    /// <summary>Base32 (RFC 4648) without padding, as apps take it when it is typed.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, left) = (0, 0);
        foreach (var b in bytes)
        {
            (bits, left) = ((bits << 8) | b, left + 8);
            for (; left >= 5; left -= 5)
            {
                text.Append(Alphabet[(bits >> (left - 5)) & 31]);
            }

            bits &= 0xFF;
        }

        return left == 0 ? text.ToString() : text.Append(Alphabet[(bits << (5 - left)) & 31]).ToString();
    }

    /// <summary>The address that a QR code holds for the app.</summary>
    public static string Uri(string issuer, string email, byte[] secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(email)}?secret={Base32(secret)}&issuer={System.Uri.EscapeDataString(issuer)}";
}
