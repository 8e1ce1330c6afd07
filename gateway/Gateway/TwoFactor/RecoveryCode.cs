using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>Codes for the day the phone is gone: ten, each good for one sign-in, kept only as hashes.</summary>
public static class RecoveryCode
{
    /// <summary>How many are given.</summary>
    public const int Count = 10;

    /// <summary>Letters and digits that are not mistaken for each other: 16 of them are 79 bits.</summary>
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>A new one, in groups of four.</summary>
    public static string New() => string.Join('-', Enumerable.Range(0, 4).Select(_ => RandomNumberGenerator.GetString(Alphabet, 4)));

    /// <summary>What is stored; capitals, spaces and hyphens do not count.</summary>
    public static byte[] Hash(string code) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(code.Where(c => !char.IsWhiteSpace(c) && c != '-')).ToLowerInvariant()));
}
