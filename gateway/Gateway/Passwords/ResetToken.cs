using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Gateway.Passwords;

/// <summary>What the link to choose a new password holds: 256 random bits, good once and for an hour, stored only as their hash.</summary>
public static class ResetToken
{
    /// <summary>Counted from when it was sent.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>A new one.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
