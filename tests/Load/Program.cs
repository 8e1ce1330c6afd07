using System.Globalization;
using Marketplace.Load;

// Children of this same program serve as the bare comparison.
switch (args)
{
    case ["joins", .. var options]:
        return await JoinsBenchmark.RunAsync(Number(options, "--joins", 20_000), Number(options, "--connections", 128), Number(options, "--rounds", 2));
    case ["settlement", .. var options]:
        return await SettlementBenchmark.RunAsync(
            Number(options, "--grants", 100_000), Array.IndexOf(options, "--providers") < 0 ? [20, 500, 0] : [Number(options, "--providers", 0)]);
    case ["pages", .. var options]:
        return await PagesBenchmark.RunAsync(Number(options, "--rate", 50), Number(options, "--seconds", 8), Number(options, "--rounds", 2));
    case ["bare-service", var connection, var port]:
        await BareService.RunAsync(connection, int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["bare-gateway", var port, var destination]:
        await BareGateway.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), destination);
        return 0;
    default:
        Console.Error.WriteLine(
            """
            dotnet run -c Release --project tests/Load -- joins [--joins N] [--connections N] [--rounds N]

            Joins per second on one hot pool through the gateway with everything on, beside a bare YARP + folded insert
            in the same run, and the ratio of the two.

            dotnet run -c Release --project tests/Load -- settlement [--grants N] [--providers N]

            Preparing a payment run of N grants, importing its bank statement and reconciling it, at a quarter, a half and
            all of N, beside a plain COPY in the same run; 0 providers: every grant has one of its own.

            dotnet run -c Release --project tests/Load -- pages [--rate N] [--seconds N] [--rounds N]

            Time to the first byte of the portal's public pages at N requests a second, beside an endpoint of the same
            gateway that does nothing in the same run, and what a first visit transfers.
            """);
        return 2;
}

static int Number(string[] options, string name, int otherwise)
{
    var at = Array.IndexOf(options, name);
    return at >= 0 && at + 1 < options.Length && int.TryParse(options[at + 1], CultureInfo.InvariantCulture, out var value) && value > 0 ? value : otherwise;
}
