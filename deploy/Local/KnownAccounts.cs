using System.Text.Json;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Demonstrations;

namespace Marketplace.Local;

/// <summary>Whom a visitor can sign in as: kept beside the data, readable only by its owner, and shown at every start.</summary>
internal static class KnownAccounts
{
    public const string File = "accounts.json";

    /// <summary>Remembers the cast of a campaign that was played here.</summary>
    public static void Write(LocalMarketplace marketplace, Campaign campaign) =>
        Write(marketplace, PlayCampaign.Cast(marketplace.Secrets, campaign).Select(account => new Known(account.Persona, account.Email, account.Password)));

    /// <summary>Remembers for whom the demonstration that was played here has something to see.</summary>
    public static void Write(LocalMarketplace marketplace, IReadOnlyList<Visitor> visitors) =>
        Write(marketplace, visitors.Select(visitor => new Known(visitor.Part, visitor.Email, marketplace.Secrets.CampaignPassword, visitor.See)));

    /// <summary>The accounts; none where nothing was played.</summary>
    public static IReadOnlyList<Known> Read(LocalMarketplace marketplace) =>
        System.IO.File.Exists(PathOf(marketplace)) ? JsonSerializer.Deserialize<List<Known>>(System.IO.File.ReadAllText(PathOf(marketplace)))! : [];

    /// <summary>Shows the administrator and the others, with what there is to see for each, and their passwords.</summary>
    public static void Show(LocalMarketplace marketplace)
    {
        var admin = new Known("admin", marketplace.Secrets.AdminEmail, marketplace.Secrets.AdminPassword, "staff accounts: /administration/agents");
        var others = Read(marketplace).Where(known => known.Persona != admin.Persona).ToList();
        Terminal.Table("Accounts", ["part", "e-mail", "what there is to see"], others.Append(admin).Select(known => (string[])[known.Persona, known.Email, known.See ?? ""]), hasNumbers: false);
        foreach (var password in others.GroupBy(known => known.Password))
        {
            Terminal.Line($"Password of all but {admin.Email}: {password.Key}");
        }

        Terminal.Line($"Password of {admin.Email}: {admin.Password}");
    }

    private static void Write(LocalMarketplace marketplace, IEnumerable<Known> accounts) => Secrets.WritePrivate(PathOf(marketplace), JsonSerializer.Serialize(accounts));

    private static string PathOf(LocalMarketplace marketplace) => Path.Combine(marketplace.Options.Folder, File);
}

/// <summary>An account to sign in with.</summary>
/// <param name="Persona">The part it plays.</param>
/// <param name="See">What there is to see, in a few words; null when nobody has said.</param>
internal sealed record Known(string Persona, string Email, string Password, string? See = null);
