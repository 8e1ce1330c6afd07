using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.Tokens;

/// <summary>The private key of <c>Identity:PrivateKey</c> (base64 of PKCS#8), with which access tokens are signed.</summary>
public sealed class SigningKey
{
    private readonly RSA rsa = RSA.Create();

    /// <summary>Reads the key.</summary>
    /// <exception cref="InvalidOperationException">It is not configured, or is no RSA key.</exception>
    public SigningKey(IConfiguration configuration)
    {
        var text = configuration["Identity:PrivateKey"] ?? throw new InvalidOperationException("Identity:PrivateKey is not configured.");
        try
        {
            rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(text), out _);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new InvalidOperationException("Identity:PrivateKey is not the base64 of a PKCS#8 RSA key.");
        }

        Credentials = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = Platform.Identity.Tokens.KeyId(rsa) }, SecurityAlgorithms.RsaSha256);
    }

    /// <summary>RS256 with the key, under the <c>kid</c> that verifiers know.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>For <c>Identity:PublicKey</c>: base64 of the SubjectPublicKeyInfo.</summary>
    public string PublicKey => Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());

    /// <summary>A secret of its own for another purpose, the same in every instance that has the key.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, rsa.ExportPkcs8PrivateKey(), 32, info: Encoding.UTF8.GetBytes(purpose));
}
