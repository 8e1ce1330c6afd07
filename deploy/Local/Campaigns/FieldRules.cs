namespace Marketplace.Local.Campaigns;

/// <summary>What a field of a campaign file must be.</summary>
internal enum FieldKind
{
    Text,
    Number,
    Texts,
    Objects,
    SomeObjects,
    Flag,
}

/// <summary>A field that the play itself cannot do without, or reads when it is there. All others are for the API to judge.</summary>
internal sealed record FieldRule(string Name, FieldKind Kind, bool IsRequired = true);

/// <summary>The fields of each part of a campaign file.</summary>
internal static class FieldRules
{
    public static readonly FieldRule[] Programme =
    [
        new("name", FieldKind.Text), new("funder", FieldKind.Text), new("budgetCents", FieldKind.Number), new("rateBps", FieldKind.Number),
        new("categories", FieldKind.Texts), new("territories", FieldKind.Texts),
    ];

    public static readonly FieldRule[] Provider =
    [
        new("name", FieldKind.Text), new("siret", FieldKind.Text), new("departement", FieldKind.Text), new("categories", FieldKind.Texts),
        new("territories", FieldKind.Texts), new("email", FieldKind.Text, IsRequired: false), new("iban", FieldKind.Text, IsRequired: false),
    ];

    public static readonly FieldRule[] Pack =
    [
        new("provider", FieldKind.Text), new("name", FieldKind.Text), new("category", FieldKind.Text), new("unit", FieldKind.Text),
        new("termMonths", FieldKind.Number), new("listPriceCents", FieldKind.Number), new("capacity", FieldKind.Number),
        new("territories", FieldKind.Texts), new("tiers", FieldKind.SomeObjects),
    ];

    public static readonly FieldRule[] Business =
    [
        new("name", FieldKind.Text), new("siret", FieldKind.Text), new("departement", FieldKind.Text), new("email", FieldKind.Text, IsRequired: false),
        new("headcount", FieldKind.Number, IsRequired: false), new("turnoverCents", FieldKind.Number, IsRequired: false),
        new("linkedSirens", FieldKind.Texts, IsRequired: false), new("declaredAid", FieldKind.Objects, IsRequired: false),
    ];

    public static readonly FieldRule[] Pool =
    [
        new("pack", FieldKind.Text), new("title", FieldKind.Text, IsRequired: false), new("maxQuantity", FieldKind.Number),
        new("territories", FieldKind.Texts), new("programmes", FieldKind.Texts),
    ];

    public static readonly FieldRule[] Commitment =
    [
        new("business", FieldKind.Text), new("quantity", FieldKind.Number), new("tolerance", FieldKind.Number, IsRequired: false),
        new("priceLimitCents", FieldKind.Number, IsRequired: false), new("paymentMethod", FieldKind.Text, IsRequired: false), new("withdraw", FieldKind.Flag, IsRequired: false),
    ];
}
