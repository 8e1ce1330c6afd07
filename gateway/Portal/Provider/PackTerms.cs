using System.Globalization;
using System.Text.Json;
using Marketplace.Portal.Api;
using Marketplace.Portal.Components;
using Marketplace.Portal.Texts;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Portal.Provider;

/// <summary>The terms of a pack as they are typed.</summary>
public sealed class PackInput
{
    public string Key { get; set; } = Guid.NewGuid().ToString();

    /// <summary>The version that the form was made from.</summary>
    public int? Version { get; set; }

    public string? Name { get; set; }

    public string? Description { get; set; }

    public string? Category { get; set; } = "antivirus";

    public string? Unit { get; set; } = "seat";

    public string? TermMonths { get; set; } = "12";

    public string? Capacity { get; set; }

    public string? ListPrice { get; set; }

    public string? VatRate { get; set; } = "20";

    public string? Territories { get; set; }

    /// <summary>One <c>name: value</c> a line.</summary>
    public string? Attributes { get; set; }

    /// <summary>Never null, whatever a form leaves out.</summary>
    public List<string?> Quantities { get; set => field = value ?? []; } = [];

    /// <summary>Never null, whatever a form leaves out.</summary>
    public List<string?> Prices { get; set => field = value ?? []; } = [];
}

/// <summary>From what is typed to what the API takes, and back.</summary>
public static class PackTerms
{
    /// <summary>Rows of a form; the API takes more.</summary>
    public const int MostTiers = 10;

    /// <summary>The form of a pack; an empty one when there is none.</summary>
    public static PackInput Of(Pack? pack, Wording t) => pack is null ? new PackInput() : new PackInput
    {
        Version = pack.Version,
        Name = pack.Name,
        Description = pack.Description,
        Category = pack.Category,
        Unit = pack.Unit,
        TermMonths = $"{pack.TermMonths}",
        Capacity = $"{pack.Capacity}",
        ListPrice = Typed(pack.ListPriceCents, t),
        VatRate = Typed(pack.VatRateBps, t),
        Territories = string.Join(", ", pack.Territories),
        Attributes = pack.Attributes.ValueKind == JsonValueKind.Object ? string.Join('\n', pack.Attributes.EnumerateObject().Select(a => $"{a.Name} : {a.Value}")) : "",
        Quantities = [.. pack.Tiers.Select(tier => $"{tier.MinQuantity}")],
        Prices = [.. pack.Tiers.Select(tier => Typed(tier.UnitPriceCents, t))],
    };

    /// <summary>The prices that a script asks the ladder for while they are typed.</summary>
    public static void Overlay(PackInput form, IQueryCollection query)
    {
        if (!query.ContainsKey("ListPrice"))
        {
            return;
        }

        form.ListPrice = query["ListPrice"];
        form.Quantities = [.. Enumerable.Range(0, MostTiers).Select(i => query[$"Quantities[{i}]"].ToString())];
        form.Prices = [.. Enumerable.Range(0, MostTiers).Select(i => query[$"Prices[{i}]"].ToString())];
    }

    /// <summary>The body of the call; what is no number is left out, and refused as missing.</summary>
    public static object Read(PackInput form) => new
    {
        name = form.Name ?? "",
        description = form.Description ?? "",
        category = form.Category,
        unit = form.Unit,
        termMonths = Whole(form.TermMonths),
        capacity = Whole(form.Capacity),
        listPriceCents = Amount.Parse(form.ListPrice, out _),
        vatRateBps = Amount.Parse(form.VatRate, out var wrong) ?? (wrong ? -1 : null),
        territories = Codes.Parse(form.Territories),
        attributes = (form.Attributes ?? "").Split('\n').Select(line => line.Split(':', 2)).Where(p => p.Length == 2 && p[0].Trim().Length > 0)
            .DistinctBy(p => p[0].Trim()).ToDictionary(p => p[0].Trim(), p => p[1].Trim()),
        tiers = Rows(form).Where(r => !IsEmpty(r.Quantity) || !IsEmpty(r.Price)).Select(r => new { minQuantity = Whole(r.Quantity), unitPriceCents = Amount.Parse(r.Price, out _) }),
    };

    /// <summary>The complete rows where quantities rise and prices fall; others cannot be drawn.</summary>
    public static Tier[] Drawable(PackInput form)
    {
        var tiers = new List<Tier>();
        foreach (var (quantity, price) in Rows(form))
        {
            if (Whole(quantity) is { } q and > 0 && Amount.Parse(price, out _) is { } p and > 0 && (tiers.Count == 0 || q > tiers[^1].MinQuantity && p < tiers[^1].UnitPriceCents))
            {
                tiers.Add(new Tier(q, p));
            }
        }

        return [.. tiers];
    }

    private static IEnumerable<(string? Quantity, string? Price)> Rows(PackInput form) =>
        Enumerable.Range(0, MostTiers).Select(i => (form.Quantities.ElementAtOrDefault(i), form.Prices.ElementAtOrDefault(i)));

    private static bool IsEmpty(string? text) => string.IsNullOrWhiteSpace(text);

    private static int? Whole(string? text) =>
        int.TryParse(string.Concat((text ?? "").Where(c => !char.IsWhiteSpace(c))), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Typed(long hundredths, Wording t)
    {
        var text = (hundredths / 100m).ToString(hundredths % 100 == 0 ? "0" : "0.00", CultureInfo.InvariantCulture);
        return t == Wording.French ? text.Replace('.', ',') : text;
    }
}
