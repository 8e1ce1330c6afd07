using System.Runtime.CompilerServices;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>The reading of one file. A fault anywhere refuses the whole file: act on its movements only once it ended well, or undo it all.</summary>
public sealed class StatementReading
{
    /// <summary>More movements than this are refused; it bounds what is remembered of them: a hash of each and of its bank reference, about 120 MB at this limit.</summary>
    public const int MostMovements = 1_000_000;

    private readonly Stream content;
    private readonly char? separator;
    private readonly Twins twins = new();
    private StatementSummary? summary;
    private bool begun;

    /// <param name="content">The whole file.</param>
    /// <param name="separator">Of its fields; null for XML.</param>
    internal StatementReading(Stream content, char? separator)
    {
        this.content = content;
        this.separator = separator;
    }

    /// <summary>What the file held.</summary>
    /// <exception cref="InvalidOperationException">It has not been read to its end.</exception>
    public StatementSummary Summary => summary ?? throw new InvalidOperationException("The statement has not been read to its end.");

    /// <summary>The booked movements in the order of the file, read as they are asked for; once only.</summary>
    /// <exception cref="StatementFaultException">The file is refused: the line and the reason. Raised as the reading comes to it, after earlier movements were given.</exception>
    public async IAsyncEnumerable<Movement> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        if (begun)
        {
            throw new InvalidOperationException("A statement is read once.");
        }

        begun = true;
        await using var once = content;
        var found = new FileFacts();
        var movements = separator is null ? CamtFile.ReadAsync(content, found, ct) : CsvFile.ReadAsync(content, separator.Value, found, ct);
        int count = 0;
        DateOnly? from = null, to = null;
        await foreach (var movement in movements)
        {
            if (++count > MostMovements)
            {
                throw new StatementFaultException(movement.Line, $"The file holds more than {MostMovements} movements.");
            }

            from = from is null || movement.BookingDate < from ? movement.BookingDate : from;
            to = to is null || movement.BookingDate > to ? movement.BookingDate : to;
            yield return movement with { Occurrence = twins.Before(movement) };
        }

        summary = new StatementSummary(found.Format, found.AccountIban, found.StatementIds, count, found.PendingIgnored, from, to, found.Warnings);
    }
}

/// <summary>What a format's reader notes while it reads.</summary>
internal sealed class FileFacts
{
    public string Format { get; set; } = "";

    public string? AccountIban { get; set; }

    public List<string> StatementIds { get; } = [];

    public int PendingIgnored { get; set; }

    public List<string> Warnings { get; } = [];
}
