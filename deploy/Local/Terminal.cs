using Marketplace.Local.Campaigns;
using Spectre.Console;

namespace Marketplace.Local;

/// <summary>What the person at the terminal sees; plain lines when the output is not a terminal.</summary>
internal static class Terminal
{
    private static readonly bool IsPlain = Console.IsOutputRedirected;

    public static void Line(string text)
    {
        if (IsPlain)
        {
            Console.WriteLine(text);
        }
        else
        {
            AnsiConsole.WriteLine(text);
        }
    }

    /// <summary>Shows that something is under way, and what has come of it so far.</summary>
    public static Task<T> WhileAsync<T>(string title, Func<Action<string>, Task<T>> work)
    {
        if (IsPlain)
        {
            Console.WriteLine(title);
            return work(name => Console.WriteLine($"  {name} is up"));
        }

        return AnsiConsole.Status().StartAsync(Markup.Escape(title), _ => work(name => AnsiConsole.MarkupLine($"  [green]✓[/] {Markup.Escape(name)}")));
    }

    /// <summary>Shows how far a play has come: a bar, or a line every tenth.</summary>
    public static Task<T> WithBarAsync<T>(string title, Func<Action<PlayProgress>, Task<T>> work)
    {
        if (!IsPlain)
        {
            return AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(title));
                return await work(progress =>
                {
                    bar.MaxValue = progress.Total;
                    bar.Value = progress.Done;
                });
            });
        }

        Console.WriteLine(title);
        var tenth = 0;
        return work(progress =>
        {
            var now = progress.Done * 10 / progress.Total;
            if (Interlocked.Exchange(ref tenth, now) != now)
            {
                Console.WriteLine($"  {now * 10} % ({progress.What})");
            }
        });
    }

    /// <summary>A table; the columns after the first hold numbers unless told otherwise.</summary>
    public static void Table(string title, string[] columns, IEnumerable<string[]> rows, bool hasNumbers = true)
    {
        if (!IsPlain)
        {
            var table = new Table().Title(Markup.Escape(title)).Border(TableBorder.Rounded);
            foreach (var (column, n) in columns.Select((column, n) => (column, n)))
            {
                table.AddColumn(new TableColumn(Markup.Escape(column)) { Alignment = n == 0 || !hasNumbers ? Justify.Left : Justify.Right });
            }

            foreach (var row in rows)
            {
                table.AddRow(row.Select(Markup.Escape).ToArray());
            }

            AnsiConsole.Write(table);
            return;
        }

        var all = rows.Prepend(columns).ToList();
        var widths = columns.Select((_, n) => all.Max(row => row[n].Length)).ToList();
        Console.WriteLine(title);
        foreach (var row in all)
        {
            var cells = row.Select((cell, n) => n == 0 || !hasNumbers ? cell.PadRight(widths[n]) : cell.PadLeft(widths[n]));
            Console.WriteLine("  " + string.Join("  ", cells).TrimEnd());
        }
    }
}
