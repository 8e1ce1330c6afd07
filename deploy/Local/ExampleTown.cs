namespace Marketplace.Local;

/// <summary>The town of the local run: nobody's SIRET, and the account number that French banks print on specimens.</summary>
internal static class ExampleTown
{
    public const string Name = "Ville (exemple)";

    /// <summary>Valid check digits; a number that no authority has.</summary>
    public const string Siret = "21620000600015";

    /// <summary>Where the town pays from.</summary>
    public const string Iban = "FR7630001007941234567890185";

    /// <summary>The Banque de France, where French public accountants have their accounts.</summary>
    public const string Bic = "BDFEFRPPCCT";
}
