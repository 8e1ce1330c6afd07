using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Marketplace.LocalPostgres;
using Marketplace.Testing;

namespace Marketplace.Load;

/// <summary>
/// From due aid to the reconciled bank statement through the API of the real service, at three sizes: seconds and rows
/// per second of every step beside a plain COPY of as many rows in the same run, and the service's peak resident memory.
/// A row is a grant. Machines are noisy: read the ratio and the growth.
/// </summary>
internal static class SettlementBenchmark
{
    private static readonly Dictionary<string, string> Debtor = new()
    {
        ["Payments__Debtor__Name"] = "Ville d'Ault",
        ["Payments__Debtor__Iban"] = "FR1420041010050500013M02606",
        ["Town__Siret"] = "21620041000019",
    };

    private sealed record Step(string Name, double Seconds, double Megabytes);

    public static async Task<int> RunAsync(int grants, IReadOnlyList<int> providers)
    {
        var folder = Directory.CreateTempSubdirectory("marketplace-load-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        try
        {
            await using var server = await PostgresServer.StartAsync(folder);
            Say($"{Environment.ProcessorCount} cores shared by PostgreSQL, the service and this program; every commit is flushed to disk");
            foreach (var some in providers)
            {
                var sizes = new[] { grants / 4, grants / 2, grants };
                var measured = new List<(double Copy, IReadOnlyList<Step> Steps)>();
                foreach (var size in sizes)
                {
                    measured.Add(await MeasureAsync(server, folder, size, some == 0 ? size : Math.Min(some, size)));
                }

                Show(some == 0 ? "every grant with a provider, a transfer and a movement of its own" : $"{some} providers, one transfer and one movement each", sizes, measured);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task<(double Copy, IReadOnlyList<Step> Steps)> MeasureAsync(PostgresServer server, string folder, int grants, int providers)
    {
        var name = $"settlement_{grants}_{providers}";
        await server.CreateDatabaseAsync(name);
        var database = server.ConnectionString(name);
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", database, settings: Debtor);
        using var api = new FinanceApi(service);
        var programme = (await api.PostAsync("/api/subsidies/programmes", """{"name":"Fonds cyber","funder":"Ville","budgetCents":100000000000,"rateBps":5000,"categories":["antivirus"],"territories":["62"],"deMinimis":false}""")).Text("id");
        await DueGrants.WriteAsync(database, Guid.Parse(programme), grants, providers);
        await VerifyAsync();
        var copy = await PlainCopy.RunAsync(database, grants);
        var (payments, statement) = (Path.Combine(folder, "pain.xml"), Path.Combine(folder, "camt.xml"));
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "Europe/Paris"));
        var memory = new ResidentMemory(service.ProcessId);
        var steps = new List<Step>();
        var run = "";
        await MeasureAsync("prepare the run", async () =>
            run = (await api.PostAsync("/api/subsidies/payment-runs", $$"""{"programmeId":"{{programme}}","executionDate":"{{today:yyyy-MM-dd}}"}""")).Text("id"));
        await MeasureAsync("approve it", () => api.PostAsync($"/api/subsidies/payment-runs/{run}/approve", null, api.OtherFinance));
        await MeasureAsync("its pain.001", () => api.DownloadAsync($"/api/subsidies/payment-runs/{run}/pain001", payments));
        var movements = SettledStatement.Write(payments, statement, today);
        await MeasureAsync("import camt.053 and match", async () =>
        {
            var receipt = await api.UploadAsync("/api/subsidies/bank-statements", statement);
            Expect(movements, receipt.Number("exact"), "exact movements");
        });
        await MeasureAsync("reconciliation", async () =>
        {
            var answer = await api.GetAsync("/api/subsidies/reconciliation");
            Expect(0, answer.Number("differenceCents"), "cents of difference");
            Expect(providers, answer.GetProperty("exact").Number("count"), "exact transfers");
        });
        await MeasureAsync("its export as CSV", () => api.DownloadAsync("/api/subsidies/reconciliation/export?format=csv", Path.Combine(folder, "export.csv")));
        await MeasureAsync("verify the ledger", VerifyAsync);
        Expect(grants + 1, File.ReadLines(Path.Combine(folder, "export.csv")).Count(), "lines of the export");
        return (copy, steps);

        async Task VerifyAsync()
        {
            var answer = await api.GetAsync("/api/subsidies/ledger/verification");
            if (!answer.GetProperty("balanced").GetBoolean() || !answer.GetProperty("chainIntact").GetBoolean())
            {
                throw new InvalidOperationException($"The ledger does not verify: {answer}");
            }
        }

        async Task MeasureAsync(string step, Func<Task> act)
        {
            memory.ForgetPeak();
            var watch = Stopwatch.StartNew();
            await act();
            steps.Add(new Step(step, watch.Elapsed.TotalSeconds, memory.PeakMegabytes));
            Console.Error.WriteLine(Line($"  {grants} of {providers}: {step}: {steps[^1].Seconds:0.00} s, {steps[^1].Megabytes:0} MB"));
        }
    }

    private static void Show(string what, int[] sizes, List<(double Copy, IReadOnlyList<Step> Steps)> measured)
    {
        Say($"\n{what}");
        Say($"{"",-28}{string.Concat(sizes.Select(s => $"{$"{s:N0} grants",-34}"))}rows/s of COPY's");
        Say($"{"plain COPY, one table",-28}{string.Concat(sizes.Select((size, i) => Line($"{measured[i].Copy,7:0.00} s {size / measured[i].Copy,9:N0}/s            ")))}");
        for (var step = 0; step < measured[0].Steps.Count; step++)
        {
            var cells = sizes.Select((size, i) => Line($"{measured[i].Steps[step].Seconds,7:0.00} s {size / measured[i].Steps[step].Seconds,9:N0}/s {measured[i].Steps[step].Megabytes,5:0} MB   "));
            Say(Line($"{measured[0].Steps[step].Name,-28}{string.Concat(cells)}{measured[^1].Copy / measured[^1].Steps[step].Seconds,8:0.000}"));
        }
    }

    private static void Expect(long expected, long seen, string what)
    {
        if (expected != seen)
        {
            throw new InvalidOperationException($"{seen} {what}; {expected} were expected.");
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Say(string line) => Console.WriteLine(line);

    private static string Text(this JsonElement answer, string field) => answer.GetProperty(field).GetString()!;

    private static long Number(this JsonElement answer, string field) => answer.GetProperty(field).GetInt64();
}
