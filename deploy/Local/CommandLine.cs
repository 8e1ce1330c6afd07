using System.Globalization;
using Marketplace.Local.Processes;

namespace Marketplace.Local;

/// <summary>What the command line asks for.</summary>
public abstract record CommandLine
{
    public const string Usage = """
        Starts the marketplace on this machine, and stays up until Ctrl+C.

          dotnet run --project deploy/Local [-- options]
          dotnet run --project deploy/Local -- play FILE [options]
          dotnet run --project deploy/Local -- seed FILE --at URL [--clock FILE]

        Options of the run:
          --port N            port of the gateway on 127.0.0.1 (8080)
          --database STRING   use this PostgreSQL server (an Npgsql connection string without Database)
                              instead of one of our own under the folder
          --folder DIR        where data, logs, secrets and the clock are kept (.local of the checkout)
          --fresh             start over: delete the data of earlier runs
          --empty             leave an empty marketplace empty; else the demonstration is played in it
          --chaos             deliver every message between the services twice and in random order
          --daprd PATH        run this daprd beside each service instead of the local sidecar
          --broker NAME       its broker, rabbitmq (default) or redis, on this machine; an environment variable of that
                              name holds RabbitMQ's address (amqp://guest:guest@127.0.0.1:5672/) or Redis's password

        seed FILE: plays a campaign file in a marketplace that runs elsewhere on the movable clock (docker compose), if it
        is empty. MARKETPLACE_CAMPAIGN_PASSWORD becomes the password of the accounts it makes.
          --at URL            the marketplace's address
          --clock FILE        the file of its clock

        play FILE: plays a campaign file through the public API of a marketplace of its own (a temporary database,
        free ports), and shows what every pool and programme came to.
          --through bank      go on after the last closing: delivery, acceptance, payment runs, a bank statement with
                              a line of every kind, reconciliation; exit code 0 only if every cent is explained
          --out RESULT        write the outcome of every pool, commitment and programme to this JSON file
          --keep              keep the marketplace's data folder, and say where it is
          --chaos, --database, --daprd, --broker as above

        Other ports on 127.0.0.1: gateway's app channel 5100, catalog 5101, pooled-orders 5102, accreditation 5103, subsidies 5104,
        payment simulator 5110, sidecars 3500-3504 (with --daprd also 3511-3528), PostgreSQL 5433.
        The administrator is MARKETPLACE_ADMIN_EMAIL / MARKETPLACE_ADMIN_PASSWORD when these are set.
        """;

    /// <summary>Reads the arguments; what cannot be understood becomes <see cref="Misused"/>.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var words = new Queue<string>(arguments);
        if (arguments.Any(word => word is "--help" or "-h" or "-?"))
        {
            return new Help();
        }

        try
        {
            if (words.TryPeek(out var first) && first == "play")
            {
                words.Dequeue();
                return ParsePlay(words);
            }

            if (first == "seed")
            {
                words.Dequeue();
                return ParseSeed(words);
            }

            return ParseRun(words);
        }
        catch (FormatException e)
        {
            return new Misused(e.Message);
        }
    }

    private static RunCommand ParseRun(Queue<string> words)
    {
        var run = new RunCommand();
        while (words.TryDequeue(out var word))
        {
            run = word switch
            {
                "--port" => run with { Port = Port(Value(words, word)) },
                "--database" => run with { Database = Value(words, word) },
                "--folder" => run with { Folder = Value(words, word) },
                "--fresh" => run with { Fresh = true },
                "--empty" => run with { Empty = true },
                "--chaos" => run with { Chaos = true },
                "--daprd" => run with { Daprd = new Daprd(Value(words, word), run.Daprd?.Broker ?? Daprd.RabbitMq) },
                "--broker" => run with { Daprd = new Daprd(run.Daprd?.Program ?? "", Broker(Value(words, word))) },
                _ => throw Unknown(word),
            };
        }

        Check(run.Daprd, run.Chaos);
        return run is { Fresh: true, Database: not null }
            ? throw new FormatException("--fresh does not delete databases on a server that was given with --database; drop them there.")
            : run;
    }

    private static PlayCommand ParsePlay(Queue<string> words)
    {
        var play = new PlayCommand("");
        while (words.TryDequeue(out var word))
        {
            play = word switch
            {
                "--out" => play with { Out = Value(words, word) },
                "--through" => play with { ThroughBank = Bank(Value(words, word)) },
                "--database" => play with { Database = Value(words, word) },
                "--keep" => play with { Keep = true },
                "--chaos" => play with { Chaos = true },
                "--daprd" => play with { Daprd = new Daprd(Value(words, word), play.Daprd?.Broker ?? Daprd.RabbitMq) },
                "--broker" => play with { Daprd = new Daprd(play.Daprd?.Program ?? "", Broker(Value(words, word))) },
                _ when !word.StartsWith('-') && play.File.Length == 0 => play with { File = word },
                _ => throw Unknown(word),
            };
        }

        Check(play.Daprd, play.Chaos);
        return play.File.Length == 0 ? throw new FormatException("play needs the campaign file to play: play FILE.") : play;
    }

    private static SeedCommand ParseSeed(Queue<string> words)
    {
        var (file, at, clock) = ("", default(Uri), default(string));
        while (words.TryDequeue(out var word))
        {
            (file, at, clock) = word switch
            {
                "--at" => (file, Address(Value(words, word)), clock),
                "--clock" => (file, at, Value(words, word)),
                _ when !word.StartsWith('-') && file.Length == 0 => (word, at, clock),
                _ => throw Unknown(word),
            };
        }

        return file.Length > 0 && at is not null ? new SeedCommand(file, at, clock) : throw new FormatException("seed needs a campaign file and an address: seed FILE --at URL.");
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : throw new FormatException($"--at needs an http address, not '{text}'.");

    private static string Value(Queue<string> words, string option) =>
        words.TryDequeue(out var value) && !value.StartsWith("--", StringComparison.Ordinal) ? value : throw new FormatException($"{option} needs a value.");

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw new FormatException($"--port needs a number from 1 to 65535, not '{text}'.");

    private static bool Bank(string text) =>
        text == "bank" ? true : throw new FormatException($"--through knows one place to go to: --through bank, not '{text}'.");

    private static string Broker(string text) =>
        text is Daprd.RabbitMq or Daprd.Redis ? text : throw new FormatException($"--broker knows rabbitmq and redis, not '{text}'.");

    private static void Check(Daprd? daprd, bool chaos)
    {
        if (daprd is { Program: "" })
        {
            throw new FormatException("--broker says what daprd uses; give its path too: --daprd PATH.");
        }

        if (daprd is not null && chaos)
        {
            throw new FormatException("--chaos is a mode of the local sidecar; daprd has none. Leave one of --chaos and --daprd out.");
        }
    }

    private static FormatException Unknown(string word) =>
        new(word.StartsWith('-') ? $"There is no option {word}; --help lists them." : $"'{word}' is not understood; --help says what is.");
}

/// <summary>Start everything and stay up.</summary>
public sealed record RunCommand(
    int Port = 8080, string? Database = null, string? Folder = null, bool Fresh = false, bool Empty = false, bool Chaos = false, Daprd? Daprd = null) : CommandLine;

/// <summary>Play a campaign file in a marketplace of its own; <c>ThroughBank</c>: until the aid is paid and reconciled.</summary>
public sealed record PlayCommand(string File, string? Out = null, string? Database = null, bool Keep = false, bool Chaos = false, bool ThroughBank = false, Daprd? Daprd = null) : CommandLine;

/// <summary>Play a campaign file in a marketplace at an address; <c>Clock</c>: the file of its clock.</summary>
public sealed record SeedCommand(string File, Uri At, string? Clock) : CommandLine;

/// <summary>Show the usage.</summary>
public sealed record Help : CommandLine;

/// <summary>The command line cannot be followed; the sentence says why.</summary>
public sealed record Misused(string Sentence) : CommandLine;
