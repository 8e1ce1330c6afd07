using System.Security.Cryptography;
using Marketplace.Gateway.Tokens;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>
/// Shared secrets are stored encrypted (AES-256-GCM) under a key that comes from the signing key and is not in the
/// database, each bound to its account. Those sealed under a former key can be opened while that key is configured, and
/// are sealed anew at the next sign-in; afterwards recovery codes go on working, and the administrator can remove a staff
/// member's second factor.
/// </summary>
public sealed class SealedSecrets(SigningKey key)
{
    private const string Purpose = "totp";
    private readonly byte[] own = key.Derive(Purpose);
    private readonly IReadOnlyList<byte[]> former = key.DeriveFormer(Purpose);

    /// <summary>Nonce, ciphertext and tag.</summary>
    public byte[] Seal(byte[] secret, Guid accountId)
    {
        var result = new byte[12 + secret.Length + 16];
        RandomNumberGenerator.Fill(result.AsSpan(0, 12));
        using var aes = new AesGcm(own, 16);
        aes.Encrypt(result.AsSpan(0, 12), secret, result.AsSpan(12, secret.Length), result.AsSpan(12 + secret.Length), accountId.ToByteArray());
        return result;
    }

    /// <summary>The secret; null when it was sealed under a key that is not configured, or for another account.</summary>
    public byte[]? Open(byte[] seal, Guid accountId) => former.Prepend(own).Select(candidate => Open(candidate, seal, accountId)).FirstOrDefault(secret => secret is not null);

    private static byte[]? Open(byte[] key, byte[] seal, Guid accountId)
    {
        var secret = new byte[seal.Length - 28];
        using var aes = new AesGcm(key, 16);
        try
        {
            aes.Decrypt(seal.AsSpan(0, 12), seal.AsSpan(12, secret.Length), seal.AsSpan(12 + secret.Length), secret, accountId.ToByteArray());
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
