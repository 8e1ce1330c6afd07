using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.Tokens;

/// <summary>
/// The private key of <c>Identity:PrivateKey</c> (base64 of PKCS#8), with which access tokens are signed. While it is
/// replaced, former keys follow after commas: they sign nothing, and open what was sealed under them.
/// </summary>
public sealed class SigningKey
{
    private readonly RSA rsa;
    private readonly IReadOnlyList<RSA> formers;

    /// <summary>Reads the key.</summary>
    /// <exception cref="InvalidOperationException">It is not configured, or is no RSA key.</exception>
    public SigningKey(IConfiguration configuration)
    {
        var text = configuration["Identity:PrivateKey"] ?? throw new InvalidOperationException("Identity:PrivateKey is not configured.");
        var keys = text.Split(',').Select(Import).ToList();
        (rsa, formers) = (keys[0], keys[1..]);
        Credentials = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = Platform.Identity.Tokens.KeyId(rsa) }, SecurityAlgorithms.RsaSha256);
    }

    /// <summary>RS256 with the key, under the <c>kid</c> that verifiers know.</summary>
    public SigningCredentials Credentials { get; }

    /// <summary>For <c>Identity:PublicKey</c>: base64 of the SubjectPublicKeyInfo.</summary>
    public string PublicKey => Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());

    /// <summary>A secret of its own for another purpose, the same in every instance that has the key.</summary>
    public byte[] Derive(string purpose) => Derive(rsa, purpose);

    /// <summary>The same of the former keys, the latest first.</summary>
    public IReadOnlyList<byte[]> DeriveFormer(string purpose) => [.. formers.Select(former => Derive(former, purpose))];

    private static byte[] Derive(RSA rsa, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, rsa.ExportPkcs8PrivateKey(), 32, info: Encoding.UTF8.GetBytes(purpose));

    private static RSA Import(string text)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(text), out _);
            return rsa;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            rsa.Dispose();
            throw new InvalidOperationException("Identity:PrivateKey is not the base64 of a PKCS#8 RSA key, or several, separated by commas.");
        }
    }
}
