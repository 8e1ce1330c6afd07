using System.Globalization;
using CsvHelper;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform.Answers;

/// <summary>How a CSV file is written.</summary>
/// <param name="Separator">Between fields.</param>
/// <param name="DecimalSeparator">In amounts.</param>
/// <param name="DayFormat">Of days.</param>
/// <param name="IsFrench">Titles and words in French.</param>
/// <param name="HasByteOrderMark">Spreadsheets take a file for UTF-8 by it.</param>
public sealed record CsvStyle(char Separator, string DecimalSeparator, string DayFormat, bool IsFrench, bool HasByteOrderMark = true)
{
    /// <summary>For programs and English spreadsheets.</summary>
    public static CsvStyle English { get; } = new(',', ".", "yyyy-MM-dd", false);

    /// <summary>For French spreadsheets.</summary>
    public static CsvStyle French { get; } = new(';', ",", "dd/MM/yyyy", true);

    /// <summary>The style for a culture; null where there is none for it.</summary>
    /// <param name="culture"><c>fr</c>, <c>en</c>, or null for English.</param>
    public static CsvStyle? Of(string? culture) => culture switch { null or "en" => English, "fr" => French, _ => null };

    /// <summary>The answer where there is no style for a culture (400).</summary>
    public static Problem Unknown => Problem.Invalid("culture", "A culture is one of en, fr.");
}

/// <summary>An amount in cents that a file shows in euros, such as <c>-1234.50</c>.</summary>
public readonly record struct Euros(long Cents)
{
    /// <summary>The amount; null where there is none.</summary>
    public static Euros? Of(long? cents) => cents is { } known ? new Euros(known) : null;
}

/// <summary>A column of a file.</summary>
/// <param name="Title">In English.</param>
/// <param name="FrenchTitle">In French.</param>
/// <param name="Value">A text, an id, a whole number, <see cref="Euros"/>, a <see cref="DateOnly"/>, a truth, or null.</param>
public sealed record Column<T>(string Title, string FrenchTitle, Func<T, object?> Value);

/// <summary>
/// A CSV file (RFC 4180) as an answer, written row by row while the rows are read. A text that a spreadsheet would take
/// for a formula gets an apostrophe before it.
/// </summary>
public sealed class CsvAnswer<T>(string fileName, CsvStyle style, IReadOnlyList<Column<T>> columns, IAsyncEnumerable<T> rows) : IResult
{
    private readonly NumberFormatInfo numbers = new() { NumberDecimalSeparator = style.DecimalSeparator };

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var ct = httpContext.RequestAborted;
        await using var reader = rows.GetAsyncEnumerator(ct);

        // The first row is read before anything is sent, so that a failing query is still a problem answer.
        var more = await reader.MoveNextAsync();
        httpContext.Response.ContentType = "text/csv; charset=utf-8";
        httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await using var csv = CsvWriter.Create(httpContext.Response.Body, Options(), leaveOpen: true);
        await csv.WriteRecordAsync([.. columns.Select(c => style.IsFrench ? c.FrenchTitle : c.Title)], ct);
        for (; more; more = await reader.MoveNextAsync())
        {
            foreach (var column in columns)
            {
                Write(csv, column.Value(reader.Current));
            }

            await csv.EndRecordAsync(ct);
        }
    }

    private CsvWriterOptions Options() => CsvWriterOptions.Default with
    {
        Separator = style.Separator,
        Injection = CsvInjection.Escape,
        WriteByteOrderMark = style.HasByteOrderMark,
        TrueValue = style.IsFrench ? "oui" : "true",
        FalseValue = style.IsFrench ? "non" : "false",
    };

    private void Write(CsvWriter csv, object? value)
    {
        switch (value)
        {
            case null or string:
                csv.WriteField((string?)value);
                break;
            case Guid id:
                csv.WriteField(id.ToString());
                break;
            case int or long:
                csv.WriteField(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case Euros amount:
                csv.WriteField(amount.Cents / 100m, "0.00", numbers);
                break;
            case DateOnly day:
                csv.WriteField(day, style.DayFormat);
                break;
            case bool truth:
                csv.WriteField(truth);
                break;
            default:
                throw new ArgumentException($"A file has no field for a {value.GetType()}.", nameof(value));
        }
    }
}
