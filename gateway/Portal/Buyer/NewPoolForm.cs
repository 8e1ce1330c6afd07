using System.Globalization;
using Marketplace.Platform.Time;

namespace Marketplace.Portal.Buyer;

/// <summary>A new pool as it is typed: dates and times in France.</summary>
public sealed class NewPoolForm
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>Of the call that opens it.</summary>
    public string Key { get; set; } = Guid.NewGuid().ToString();

    public string? Name { get; set; }

    public string? OpensAt { get; set; }

    public string? ClosesAt { get; set; }

    public string? Min { get; set; }

    public string? Max { get; set; }

    /// <summary>As the API takes it; the fields that are no date or number are added to <paramref name="wrong"/>.</summary>
    public object ToBody(Guid packId, string[] territories, string[] programmes, ISet<string> wrong) => new
    {
        packId,
        title = Name,
        opensAt = Moment("opensAt", OpensAt, wrong),
        closesAt = Moment("closesAt", ClosesAt, wrong),
        minQuantity = Whole("minQuantity", Min, wrong),
        maxQuantity = Whole("maxQuantity", Max, wrong),
        territories,
        programmeIds = programmes.Select(p => Guid.TryParse(p, out var id) ? id : Guid.Empty).ToArray(),
    };

    /// <summary>The instant (UTC) of a field of date and time.</summary>
    public static DateTime? Moment(string field, string? text, ISet<string> wrong)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && local.Year is > 1900 and < 2200)
        {
            return ParisDays.Utc(local);
        }

        wrong.Add(field);
        return null;
    }

    private static int? Whole(string field, string? text, ISet<string> wrong)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        wrong.Add(field);
        return null;
    }
}
