using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.LocalPostgres;
using Marketplace.PooledOrders.Payments;
using Marketplace.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>The payment simulator as a real process on its own database, and our client for it.</summary>
public sealed class Simulator(TestPostgres postgres) : IAsyncLifetime
{
    public const string Key = "sk_test_conformance";

    private readonly string _clockFile = Path.GetTempFileName();
    private readonly int _port = PostgresServer.FreePort();
    private readonly ServiceCollection _services = new();
    private string _database = "";
    private TimeSpan _offset;
    private Process? _process;
    private ServiceProvider? _provider;

    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>Plain HTTP with a test key: no retries, every status and header visible.</summary>
    public HttpClient Http { get; } = new();

    public StripeClient Client => _provider!.GetRequiredService<StripeClient>();

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.NewDatabaseAsync();
        Http.BaseAddress = Address;
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        _services.AddLogging();
        _services.AddStripe(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Stripe:SecretKey"] = Key,
            ["Stripe:BaseAddress"] = Address.AbsoluteUri,
        }).Build());
        _provider = _services.BuildServiceProvider();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        Http.Dispose();
        if (_provider is not null)
            await _provider.DisposeAsync();
        File.Delete(_clockFile);
    }

    public async Task StartAsync(string? webhookUrl = null, string? webhookSecret = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PaymentSimulator.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
            Environment =
            {
                ["ConnectionStrings__Database"] = _database,
                ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}",
                ["LocalClock__File"] = _clockFile,
                ["Simulator__Webhook__Url"] = webhookUrl ?? "",
                ["Simulator__Webhook__Secret"] = webhookSecret ?? "",
            },
        };
        _process = Process.Start(start)!;
        var output = new List<string?>();
        _process.OutputDataReceived += (_, line) => output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var patience = Stopwatch.StartNew(); ;)
        {
            try
            {
                (await Http.GetAsync("health")).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException)
            {
                if (_process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(20))
                    throw new InvalidOperationException("The payment simulator did not start: " + string.Join('\n', output));
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Ends the process without any warning, as a power cut would.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Moves the clock forward.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        _offset += by;
        await File.WriteAllTextAsync(_clockFile, ((long)_offset.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        (await Http.PostAsync("local/clock", null)).EnsureSuccessStatusCode();
    }

    public async Task SwitchAsync(object switches) =>
        (await Http.PostAsync("simulator/switches", new StringContent(JsonSerializer.Serialize(switches), new MediaTypeHeaderValue("application/json")))).EnsureSuccessStatusCode();

    /// <summary>One plain call; the body is form encoded by hand on purpose.</summary>
    public async Task<RawAnswer> PostAsync(string path, string form, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded")) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await ReadAsync(await Http.SendAsync(request));
    }

    public async Task<RawAnswer> GetAsync(string path) => await ReadAsync(await Http.GetAsync(path));

    public async Task<string> NewCustomerAsync() => (await PostAsync("v1/customers", "name=Boulangerie"))["id"]!.GetValue<string>();

    /// <summary>Waits until something holds, and fails when it does not within ten seconds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var patience = Stopwatch.StartNew(); !await holds();)
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(10))
                Assert.Fail("It did not happen within ten seconds.");
            await Task.Delay(30);
        }
    }

    private static async Task<RawAnswer> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return new((int)response.StatusCode, response.Headers, text, (JsonObject)JsonNode.Parse(text)!);
    }
}

/// <summary>An answer as it came over the wire.</summary>
public sealed record RawAnswer(int Status, HttpResponseHeaders Headers, string Text, JsonObject Body)
{
    public JsonNode? this[string name] => Body[name];

    public string Id => Body["id"]!.GetValue<string>();

    public string? ErrorCode => (string?)Body["error"]?["code"];

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
