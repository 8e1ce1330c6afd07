using System.Globalization;
using Marketplace.Portal.Components;

namespace Marketplace.Portal.Business;

/// <summary>What a business asks for, as it typed it: kept as text, so that what is wrong can be shown and corrected.</summary>
public class Demand
{
    private const int Most = 1_000_000;

    /// <summary>Units wanted.</summary>
    public string? Quantity { get; set; }

    /// <summary>Units it would take on top.</summary>
    public string? Tolerance { get; set; }

    /// <summary>Highest unit price in euros; empty for any.</summary>
    public string? PriceLimit { get; set; }

    /// <summary>The highest amount that was shown when the consent was given, in cents.</summary>
    public string? Ceiling { get; set; }

    /// <summary>The reader accepts to be charged up to the ceiling.</summary>
    public bool Consent { get; set; }

    /// <summary>1 to a million; null when what was typed is no such number.</summary>
    public int? Units => Parse(Quantity, 1);

    /// <summary>0 to a million, 0 when nothing was typed; null when it is no such number.</summary>
    public int? Extra => string.IsNullOrWhiteSpace(Tolerance) ? 0 : Parse(Tolerance, 0);

    /// <summary>In cents; null for none, and when what was typed is no amount.</summary>
    public long? LimitCents => Amount.Parse(PriceLimit, out _);

    /// <summary>True when the price limit is no amount, or zero.</summary>
    public bool IsLimitWrong => Amount.Parse(PriceLimit, out var wrong) == 0 || wrong;

    /// <summary>True when the quote can be asked for.</summary>
    public bool IsComplete => Units is not null && Extra is not null && !IsLimitWrong;

    /// <summary>The quote of a pool for it.</summary>
    public string QuotePath(Guid pool) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/pools/{pool}/quote?quantity={Units}&tolerance={Extra}{(LimitCents is { } limit ? $"&priceLimitCents={limit}" : "")}");

    /// <summary>True when the consent was given to at least <paramref name="quote"/>'s worst case.</summary>
    public bool Covers(Api.Quote quote) =>
        Consent && long.TryParse(Ceiling, NumberStyles.None, CultureInfo.InvariantCulture, out var cents) && quote.WorstCase!.PayableCents <= cents;

    private static int? Parse(string? text, int least) =>
        int.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= Most ? number : null;
}
