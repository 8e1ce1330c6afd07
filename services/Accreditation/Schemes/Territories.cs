namespace Marketplace.Accreditation.Schemes;

/// <summary>The codes of départements that an accreditation's scope is made of (DOMAIN §4).</summary>
public static class Territories
{
    /// <summary>01–95 without 20, 2A and 2B for Corsica, and 971–976 overseas.</summary>
    public static readonly IReadOnlySet<string> All = Enumerable.Range(1, 95).Where(n => n != 20).Select(n => $"{n:00}")
        .Concat(["2A", "2B"])
        .Concat(Enumerable.Range(971, 6).Select(n => $"{n}"))
        .ToHashSet();
}
