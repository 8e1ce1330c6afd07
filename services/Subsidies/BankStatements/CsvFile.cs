using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>CSV after RFC 4180 with a header (API.md, Subsidies): columns in any order, commas or semicolons, UTF-8 with or without BOM.</summary>
internal static class CsvFile
{
    private const int MostRecordBytes = 1 << 14;
    private const int MostFieldBytes = 4_000;

    private static readonly string[] Columns = ["bookingDate", "amountCents", "currency", "endToEndId", "iban", "reference"];

    public static async IAsyncEnumerable<Movement> ReadAsync(Stream content, char separator, FileFacts found, [EnumeratorCancellation] CancellationToken ct)
    {
        found.Format = "csv";
        await using var csv = CsvReader.Create(content, Options(separator), leaveOpen: true);
        int[]? order = null;
        while (await NextAsync(csv, ct))
        {
            var line = (int)csv.LineNumber;
            CheckBytes(csv, line);
            if (order is null)
            {
                order = Order(Enumerable.Range(0, csv.FieldCount).Select(csv.GetString).ToArray());
            }
            else
            {
                yield return Read(csv, order, line);
            }
        }

        if (order is null)
        {
            throw new StatementFaultException(1, "The header is missing.");
        }
    }

    private static CsvReaderOptions Options(char separator) => CsvReaderOptions.Default with
    {
        Separator = separator,
        HasHeader = false,
        DetectSeparatorHint = false,
        Encoding = Encoding.UTF8,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MaxRecordSize = MostRecordBytes,
        BufferSize = MostRecordBytes,
        MalformedData = CsvMalformedDataHandling.Throw,
        IncludeValuesInExceptions = false,
    };

    private static async ValueTask<bool> NextAsync(CsvReader csv, CancellationToken ct)
    {
        try
        {
            return await csv.ReadAsync(ct);
        }
        catch (CsvFormatException e)
        {
            throw new StatementFaultException((int)Math.Max(1, e.LineNumber), $"The line is not CSV after RFC 4180, or longer than {MostRecordBytes} bytes: {e.Message}");
        }
    }

    private static void CheckBytes(CsvReader csv, int line)
    {
        var record = csv.RawRecord;
        if (!Utf8.IsValid(record))
        {
            var end = record.Length;
            while (!Utf8.IsValid(record[..end]))
            {
                end = Math.Max(0, record[..end].LastIndexOf((byte)'\n'));
            }

            throw new StatementFaultException(line + record[..end].Count((byte)'\n') + (end > 0 ? 1 : 0), "The bytes are not UTF-8.");
        }

        for (var i = 0; i < csv.FieldCount; i++)
        {
            if (csv.GetRawSpan(i).Length > MostFieldBytes)
            {
                throw new StatementFaultException(line, $"Field {i + 1} is longer than {MostFieldBytes} bytes.");
            }
        }
    }

    private static int[] Order(string[] header)
    {
        foreach (var name in header)
        {
            if (!Columns.Contains(name))
            {
                throw new StatementFaultException(1, $"The column '{FieldText.Short(name)}' is not known; the columns are {string.Join(", ", Columns)}.");
            }
        }

        var order = Columns.Select(column => Array.IndexOf(header, column)).ToArray();
        var missing = Array.IndexOf(order, -1);
        return missing >= 0 ? throw new StatementFaultException(1, $"The column '{Columns[missing]}' is missing.")
            : header.Length > Columns.Length ? throw new StatementFaultException(1, "A column is given twice.")
            : order;
    }

    private static Movement Read(CsvReader csv, int[] order, int line)
    {
        if (csv.FieldCount != Columns.Length)
        {
            throw new StatementFaultException(line, $"The line has {csv.FieldCount} fields, where the header has {Columns.Length}.");
        }

        var amount = csv.GetString(order[1]);
        if (!long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cents) || cents == 0 || cents is < -FieldText.MostCents or > FieldText.MostCents)
        {
            throw new StatementFaultException(line, $"amountCents '{FieldText.Short(amount)}' is not a whole number of cents other than 0, up to {FieldText.MostCents} either way.");
        }

        FieldText.Euro(line, "currency", csv.GetString(order[2]));
        return new Movement(
            line,
            FieldText.Date(line, "bookingDate", csv.GetString(order[0])),
            cents,
            FieldText.Id(line, "endToEndId", csv.GetString(order[3])),
            FieldText.AccountNumber(line, "iban", csv.GetString(order[4])),
            FieldText.Reference(csv.GetString(order[5])),
            BankReference: null,
            IsReturn: cents < 0,
            ReturnReason: null,
            PaymentInformationId: null,
            BatchCount: null,
            Occurrence: 0);
    }
}
