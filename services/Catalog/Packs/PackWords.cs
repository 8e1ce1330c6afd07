using System.Globalization;

namespace Marketplace.Catalog.Packs;

/// <summary>The words for what a pack can be (DOMAIN §1).</summary>
public static class PackWords
{
    /// <summary>Pack categories.</summary>
    public static readonly IReadOnlySet<string> Categories = new HashSet<string> { "antivirus", "encrypted-backup", "firewall", "audit" };

    /// <summary>What one unit of a pack is.</summary>
    public static readonly IReadOnlySet<string> Units = new HashSet<string> { "seat", "device", "site", "terabyte", "audit" };

    /// <summary>Codes of the French départements: 01–95 (2A and 2B for 20) and 971–976.</summary>
    public static readonly IReadOnlySet<string> Territories = Enumerable.Range(1, 95).Where(n => n != 20)
        .Concat(Enumerable.Range(971, 6))
        .Select(n => n.ToString("00", CultureInfo.InvariantCulture))
        .Concat(["2A", "2B"])
        .ToHashSet();

    /// <summary>One of the words, as a validation message names them.</summary>
    public static string OneOf(IEnumerable<string> words) => $"One of {string.Join(", ", words)} is expected.";
}
