using Marketplace.Platform.Answers;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.Subsidies.Reports;

/// <summary>What every report is asked with.</summary>
/// <param name="Year">A civil year, instead of the two days.</param>
/// <param name="From">First day of the period (Europe/Paris).</param>
/// <param name="To">The day after its last.</param>
/// <param name="Format"><c>json</c> (default) or <c>csv</c>.</param>
/// <param name="Culture">Of a CSV file: <c>en</c> (default) or <c>fr</c>.</param>
public sealed record ReportRequest(
    [FromQuery(Name = "year")] string? Year,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "format")] string? Format,
    [FromQuery(Name = "culture")] string? Culture)
{
    /// <summary>Whether a CSV file is asked for.</summary>
    public bool IsCsv => Format == "csv";

    /// <summary>How its file is written.</summary>
    public CsvStyle Style => CsvStyle.Of(Culture) ?? CsvStyle.English;

    /// <summary>The period, or every field that is wrong.</summary>
    /// <param name="needed">Refuses to report on everything there ever was.</param>
    /// <param name="problem">400; null when all is right.</param>
    public Period ReadPeriod(bool needed, out Problem? problem)
    {
        var errors = new Dictionary<string, string[]>();
        var (year, from, to) = (Period.ParseYear(Year), Period.ParseDay(From), Period.ParseDay(To));
        AddIf(Year is not null && year is null, "year", $"A year from {Period.FirstYear} to {Period.LastYear} is expected.");
        AddIf(Year is not null && (From ?? To) is not null, "year", "Either a year or days are given, not both.");
        AddIf(From is not null && from is null, "from", "A day is expected, such as 2026-01-01.");
        AddIf(To is not null && to is null, "to", "A day is expected, such as 2027-01-01.");
        AddIf(to <= from, "to", "The end lies after the start; it is the day after the last.");
        AddIf(needed && (Year ?? From ?? To) is null, "year", "A year is needed, or the days from and to.");
        AddIf(Format is not (null or "json" or "csv"), "format", "A format is one of json, csv.");
        AddIf(CsvStyle.Of(Culture) is null, "culture", "A culture is one of en, fr.");
        problem = errors.Count > 0 ? Problem.Invalid(errors) : null;
        return year is { } y ? Period.OfYear(y) : new Period(from, to);

        void AddIf(bool wrong, string field, string message)
        {
            if (wrong)
            {
                errors.TryAdd(field, [message]);
            }
        }
    }

    /// <summary>The period as part of a file name: <c>2026</c>, <c>2026-01-01_2026-04-01</c>, or nothing.</summary>
    public string Suffix => Year is not null ? $"-{Year}" : string.Concat(new[] { From, To }.Where(d => d is not null).Select((d, i) => $"{(i == 0 ? "-" : "_")}{d}"));
}
