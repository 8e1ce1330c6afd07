using System.Text.RegularExpressions;
using Marketplace.Platform.Identity;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>The account that aid is paid from.</summary>
/// <param name="Name">The town's name, as its bank knows it.</param>
/// <param name="Iban">Normalised, with right check digits.</param>
/// <param name="Bic">8 or 11 characters; null when the bank is known by the IBAN.</param>
/// <param name="Siret">The town's SIRET (14 digits); null when it was not given.</param>
public sealed record Debtor(string Name, string Iban, string? Bic, string? Siret);

/// <summary>
/// <c>Payments:Debtor:Name</c>, <c>:Iban</c>, <c>:Bic</c> and <c>Town:Siret</c>, read once at start. Without them runs can
/// be prepared, but not approved.
/// </summary>
public sealed partial record PaymentSettings(Debtor? Debtor)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidOperationException">A debtor is given, but not a whole and valid one.</exception>
    public static PaymentSettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Payments:Debtor");
        if (Given(section["Name"]) is null && Given(section["Iban"]) is null && Given(section["Bic"]) is null)
        {
            return new PaymentSettings(Debtor: null);
        }

        var name = Valid("Payments:Debtor:Name", Given(section["Name"]), _ => true);
        var iban = Valid("Payments:Debtor:Iban", Given(section["Iban"]) is { } text ? Iban.Normalised(text) : null, Iban.IsValid);
        var bic = Given(section["Bic"]) is { } code ? Valid("Payments:Debtor:Bic", code.ToUpperInvariant(), Bic().IsMatch) : null;
        var siret = Given(configuration["Town:Siret"]) is { } number ? Valid("Town:Siret", Beneficiaries.Siret.Parse(number), _ => true) : null;
        return new PaymentSettings(new Debtor(name, iban, bic, siret));
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string Valid(string setting, string? value, Func<string, bool> isValid) =>
        value is not null && isValid(value) ? value : throw new InvalidOperationException($"{setting} is missing or not valid.");

    [GeneratedRegex("^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
    private static partial Regex Bic();
}
