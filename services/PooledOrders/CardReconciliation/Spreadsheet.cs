using System.Globalization;
using CsvHelper;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// CSV for people: RFC 4180, UTF-8 with BOM; for French spreadsheets <c>;</c> and the decimal comma. A text that a
/// spreadsheet would take for a formula gets an apostrophe in front.
/// </summary>
public sealed class Spreadsheet : IAsyncDisposable
{
    private static readonly byte[] FormulaStarts = [.. "=+-@\t\r\n"u8];
    private readonly CsvWriter csv;
    private readonly string point;

    private Spreadsheet(Stream output, bool isFrench)
    {
        point = isFrench ? "," : ".";
        // The package's own guard against formulas would also take a negative amount for one.
        csv = CsvWriter.Create(output, CsvWriterOptions.Default with { Separator = isFrench ? ';' : ',', WriteByteOrderMark = true }, leaveOpen: true);
    }

    /// <summary>An answer that writes the file as it is made.</summary>
    /// <param name="name">Its name, such as <c>card-reconciliation.csv</c>.</param>
    /// <param name="culture"><c>fr</c>, <c>en</c> or null.</param>
    /// <param name="columns">The first row.</param>
    /// <param name="write">Writes the rows.</param>
    public static IResult Answer(string name, string? culture, IReadOnlyList<string> columns, Func<Spreadsheet, Task> write) => Results.Stream(
        async output =>
        {
            await using var sheet = new Spreadsheet(output, culture == "fr");
            await sheet.RowAsync(columns);
            await write(sheet);
        }, "text/csv; charset=utf-8", name);

    /// <summary>Writes one row: texts, cents (<see cref="Cents"/>), days and numbers.</summary>
    public ValueTask RowAsync(IEnumerable<object?> fields) => csv.WriteRecordAsync(fields.Select(field => field switch
    {
        null => "",
        Cents cents => Amount(cents.Value),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        string text => Harmless(text),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"{field.GetType()} has no place in a spreadsheet.", nameof(fields)),
    }).ToArray());

    /// <inheritdoc />
    public ValueTask DisposeAsync() => csv.DisposeAsync();

    private string Amount(long cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture).Replace(".", point, StringComparison.Ordinal);

    private static string Harmless(string text) => text.Length > 0 && text[0] < 128 && FormulaStarts.Contains((byte)text[0]) ? "'" + text : text;
}

/// <summary>An amount in cents, written with two decimals.</summary>
public readonly record struct Cents(long Value);
