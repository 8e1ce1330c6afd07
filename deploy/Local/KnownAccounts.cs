using System.Text.Json;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local;

/// <summary>Whom a visitor can sign in as: kept beside the data, readable only by its owner, and shown at every start.</summary>
internal static class KnownAccounts
{
    public const string File = "accounts.json";

    /// <summary>Remembers the cast of a campaign that was played here.</summary>
    public static void Write(LocalMarketplace marketplace, Campaign campaign)
    {
        var cast = PlayCampaign.Cast(marketplace.Secrets, campaign).Select(account => new Known(account.Persona, account.Email, account.Password));
        Secrets.WritePrivate(PathOf(marketplace), JsonSerializer.Serialize(cast));
    }

    /// <summary>The cast; nobody where no campaign was played.</summary>
    public static IReadOnlyList<Known> Read(LocalMarketplace marketplace) =>
        System.IO.File.Exists(PathOf(marketplace)) ? JsonSerializer.Deserialize<List<Known>>(System.IO.File.ReadAllText(PathOf(marketplace)))! : [];

    /// <summary>Shows the administrator, and one account for each part that can be played.</summary>
    public static void Show(LocalMarketplace marketplace)
    {
        var admin = new Known("admin", marketplace.Secrets.AdminEmail, marketplace.Secrets.AdminPassword);
        var all = Read(marketplace).Where(known => known.Persona != "admin").Prepend(admin);
        Terminal.Table("Accounts", ["part", "e-mail", "password"], all.Select(known => (string[])[known.Persona, known.Email, known.Password]), hasNumbers: false);
    }

    private static string PathOf(LocalMarketplace marketplace) => Path.Combine(marketplace.Options.Folder, File);
}

/// <summary>An account to sign in with.</summary>
/// <param name="Persona">The part it plays.</param>
internal sealed record Known(string Persona, string Email, string Password);
