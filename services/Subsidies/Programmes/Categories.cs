namespace Marketplace.Subsidies.Programmes;

/// <summary>The pack categories of DOMAIN §1.</summary>
public static class Categories
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = ["antivirus", "encrypted-backup", "firewall", "audit"];
}
