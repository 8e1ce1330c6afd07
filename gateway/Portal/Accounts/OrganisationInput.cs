namespace Marketplace.Portal.Accounts;

/// <summary>What is typed of an organisation that registers.</summary>
public class OrganisationInput
{
    public string Kind { get; set; } = "business";

    public string? Name { get; set; }

    public string? Departement { get; set; }

    public string? Headcount { get; set; }

    public string? Turnover { get; set; }

    public string? Iban { get; set; }

    public string? DisplayName { get; set; }

    /// <summary>As the API takes it.</summary>
    public object ToBody(string? siret) => new
    {
        kind = Kind,
        name = Name ?? "",
        siret,
        headcount = int.TryParse(Headcount, out var headcount) ? headcount : (int?)null,
        turnoverCents = long.TryParse(Turnover, out var euros) && euros is >= 0 and <= 10_000_000_000_000 ? euros * 100 : (long?)null,
        departement = Departement?.Trim().ToUpperInvariant() ?? "",
        iban = string.IsNullOrWhiteSpace(Iban) ? null : Iban,
    };
}
