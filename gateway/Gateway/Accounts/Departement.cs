namespace Marketplace.Gateway.Accounts;

/// <summary>French département codes: 01 to 95 without 20, 2A, 2B, and 971 to 976.</summary>
public static class Departement
{
    private static readonly HashSet<string> Codes = Enumerable.Range(1, 95).Where(n => n != 20).Select(n => $"{n:00}")
        .Concat(["2A", "2B"])
        .Concat(Enumerable.Range(971, 6).Select(n => $"{n}"))
        .ToHashSet();

    /// <summary>True for a code of that list, written exactly so.</summary>
    public static bool IsValid(string code) => Codes.Contains(code);
}
