using System.Security.Cryptography;
using System.Text.Json;

namespace Marketplace.Local;

/// <summary>
/// Keys and passwords of one local marketplace: generated once, kept in a file that only its owner can read, handed to
/// the processes by environment, and never printed but for the administrator's account.
/// </summary>
/// <param name="IdentityKey">Base64 of the PKCS#8 private key (RSA, 2048 bits) that signs the gateway's tokens.</param>
/// <param name="CampaignPassword">Password of every account that a campaign creates.</param>
public sealed record Secrets(
    string AppApiToken, string DaprApiToken, string IdentityKey, string StripeSecretKey, string StripeWebhookSecret,
    string AdminEmail, string AdminPassword, string CampaignPassword)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Base64 of the SubjectPublicKeyInfo that belongs to <see cref="IdentityKey"/>.</summary>
    public string IdentityPublicKey
    {
        get
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(IdentityKey), out _);
            return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
        }
    }

    /// <summary>
    /// Those of the folder, generated when there are none. An administrator in the environment
    /// (<c>MARKETPLACE_ADMIN_EMAIL</c>, <c>MARKETPLACE_ADMIN_PASSWORD</c>) goes before the one in the file.
    /// </summary>
    public static Secrets Of(string folder)
    {
        var file = Path.Combine(folder, "secrets.json");
        var secrets = Read(file);
        if (secrets is null)
        {
            secrets = Generate();
            WritePrivate(file, JsonSerializer.Serialize(secrets, Indented));
        }

        return secrets with
        {
            AdminEmail = FromEnvironment("MARKETPLACE_ADMIN_EMAIL") ?? secrets.AdminEmail,
            AdminPassword = FromEnvironment("MARKETPLACE_ADMIN_PASSWORD") ?? secrets.AdminPassword,
        };
    }

    /// <summary>Writes a file that only its owner can read.</summary>
    public static void WritePrivate(string file, string text)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }

    /// <summary>The record names its members' values by default; these must not reach a log.</summary>
    public override string ToString() => "Secrets of the local run";

    private static Secrets? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Secrets>(File.ReadAllText(file)) : null;
        }
        catch (JsonException)
        {
            throw new CannotStartException($"{file} is not readable as JSON. Put it right, or delete it together with the data: --fresh.");
        }
    }

    private static Secrets Generate()
    {
        using var rsa = RSA.Create(2048);
        return new Secrets(
            Random(40), Random(40), Convert.ToBase64String(rsa.ExportPkcs8PrivateKey()), "sk_test_" + Random(40), "whsec_" + Random(40),
            "admin@ville.example", Password(), Password());
    }

    private static string Random(int length) => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", length);

    private static string Password() => $"{Random(6)}-{Random(6)}-{RandomNumberGenerator.GetInt32(10, 100)}aZ";

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
