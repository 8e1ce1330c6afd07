namespace Marketplace.Portal.Business;

/// <summary>SIREN and SIRET as people write them.</summary>
public static class CompanyNumber
{
    /// <summary>The SIREN (first 9 digits) of a SIRET.</summary>
    public static string SirenOf(string siret) => siret.Length >= 9 ? siret[..9] : siret;

    /// <summary><c>123 456 789 00012</c>, with spaces that do not break.</summary>
    public static string Grouped(string number) => number.Length switch
    {
        9 => $"{number[..3]}\u00a0{number[3..6]}\u00a0{number[6..]}",
        14 => $"{Grouped(number[..9])}\u00a0{number[9..]}",
        _ => number,
    };
}
