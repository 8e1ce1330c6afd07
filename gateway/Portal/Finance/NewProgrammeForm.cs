using System.Globalization;
using Marketplace.Portal.Components;

namespace Marketplace.Portal.Finance;

/// <summary>A new programme as it is typed: euros and percent.</summary>
public sealed class NewProgrammeForm
{
    /// <summary>Of the call that opens it.</summary>
    public string Key { get; set; } = Guid.NewGuid().ToString();

    public string? Name { get; set; }

    public string? Funder { get; set; }

    public string? FunderSiret { get; set; }

    public string? Budget { get; set; }

    public string? Rate { get; set; }

    public string? Cap { get; set; }

    public string? Window { get; set; } = "36";

    public string? MinSpend { get; set; }

    public string? MaxBase { get; set; }

    public string? MaxHeadcount { get; set; }

    public string? MaxTurnover { get; set; }

    public string? Ceiling { get; set; } = "100";

    public string? Priority { get; set; } = "100";

    public string? ValidFrom { get; set; }

    public string? ValidUntil { get; set; }

    public string? Territories { get; set; }

    public string? LegalBasis { get; set; }

    public bool DeMinimis { get; set; }

    /// <summary>As the API takes it; the fields that are no number are added to <paramref name="wrong"/>.</summary>
    public object ToBody(string[] categories, ISet<string> wrong) => new
    {
        name = Given(Name),
        funder = Given(Funder),
        funderSiret = Given(FunderSiret),
        budgetCents = Cents("budgetCents", Budget, wrong),
        rateBps = Cents("rateBps", Rate?.Replace("%", "", StringComparison.Ordinal), wrong),
        capCents = Cents("capCents", Cap, wrong),
        windowMonths = Whole("windowMonths", Window, wrong),
        minSpendCents = Cents("minSpendCents", MinSpend, wrong),
        maxBaseCents = Cents("maxBaseCents", MaxBase, wrong),
        maxHeadcount = Whole("maxHeadcount", MaxHeadcount, wrong),
        maxTurnoverCents = Cents("maxTurnoverCents", MaxTurnover, wrong),
        intensityCeilingBps = Cents("intensityCeilingBps", Ceiling?.Replace("%", "", StringComparison.Ordinal), wrong),
        priority = Whole("priority", Priority, wrong),
        validFrom = Given(ValidFrom),
        validUntil = Given(ValidUntil),
        territories = Codes.Parse(Territories),
        legalBasis = Given(LegalBasis),
        categories,
        deMinimis = DeMinimis,
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Hundredths: cents of euros, basis points of percent.</summary>
    private static long? Cents(string field, string? text, ISet<string> wrong)
    {
        var cents = Amount.Parse(text, out var isWrong);
        if (isWrong)
        {
            wrong.Add(field);
        }

        return cents;
    }

    private static int? Whole(string field, string? text, ISet<string> wrong)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (int.TryParse(text.Replace(" ", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        wrong.Add(field);
        return null;
    }
}
