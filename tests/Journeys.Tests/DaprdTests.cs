using System.Text.Json;
using Marketplace.Local;
using Marketplace.Local.Processes;

namespace Marketplace.Journeys_Tests;

/// <summary>
/// How an installed daprd is started. What is started here is a stand-in that writes down how it was, and answers that it
/// is healthy: daprd itself is not on the machines that these tests are run on.
/// </summary>
public sealed class DaprdTests : IDisposable
{
    private const string StandIn = """
        #!/usr/bin/env node
        const fs = require('fs'), http = require('http'), path = require('path');
        const words = process.argv.slice(2), value = name => words[words.indexOf(name) + 1];
        const { DAPR_API_TOKEN, APP_API_TOKEN, rabbitmq, redis, ConnectionStrings__Database } = process.env;
        const file = path.join(path.dirname(process.argv[1]), value('--dapr-http-port') + '.json');
        fs.writeFileSync(file, JSON.stringify({ words, environment: { DAPR_API_TOKEN, APP_API_TOKEN, rabbitmq, redis, ConnectionStrings__Database } }));
        http.createServer((_, answer) => answer.writeHead(204).end()).listen(Number(value('--dapr-http-port')), value('--dapr-listen-addresses'));
        process.on('SIGTERM', () => process.exit(0));
        """;

    private readonly string folder = TemporaryFolder.Create("marketplace-daprd-");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task a_program_given_as_daprd_is_started_once_per_app_as_dapr_documents_it()
    {
        var options = new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false, PooledOrdersInstances = 2, Daprd = new Daprd(WriteProgram(), Daprd.Redis) };
        await using var marketplace = await LocalMarketplace.StartAsync(options, ct: TestContext.Current.CancellationToken);

        Assert.DoesNotContain("sidecar", marketplace.Processes.Keys);
        var resources = Path.Combine(folder, "dapr");
        var inner = new List<string>();
        foreach (var (service, appId) in new[] { ("gateway", "gateway"), ("catalog", "catalog"), ("accreditation", "accreditation"), ("subsidies", "subsidies"), ("pooled-orders", "pooled-orders"), ("pooled-orders-2", "pooled-orders") })
        {
            var http = options.Ports[Ports.SidecarOf(service)];
            var (words, environment) = Started(http);
            var given = words.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
            string[] own = [given["--dapr-grpc-port"], given["--dapr-internal-grpc-port"], given["--metrics-port"]];
            inner.AddRange(own);
            Assert.Equal(
                [
                    "--app-id", appId, "--app-port", $"{options.Ports[Ports.AppChannelOf(service)]}", "--app-protocol", "http", "--app-channel-address", "127.0.0.1", "--dapr-http-port", $"{http}",
                    "--dapr-grpc-port", own[0], "--dapr-internal-grpc-port", own[1], "--metrics-port", own[2],
                    "--dapr-listen-addresses", "127.0.0.1", "--resources-path", resources, "--log-level", "warn",
                ],
                words);
            Assert.Equal(marketplace.Secrets.DaprApiToken, environment["DAPR_API_TOKEN"]);
            Assert.Equal(marketplace.Secrets.AppApiToken, environment["APP_API_TOKEN"]);
            Assert.Equal("", environment["redis"]);
            Assert.DoesNotContain("ConnectionStrings__Database", environment.Keys);
        }

        Assert.Equal(18, inner.Concat(options.Ports.Names.Select(name => $"{options.Ports[name]}")).GroupBy(port => port).Count(port => port.Count() == 2));
        Assert.Equal(["marketplace-bus.yaml", "marketplace-secrets.yaml", "resiliency.yaml"], Directory.GetFiles(resources).Select(Path.GetFileName).Where(file => file != "configuration.yaml").Order());
        var bus = await File.ReadAllTextAsync(Path.Combine(resources, "marketplace-bus.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains("type: pubsub.redis", bus);
        Assert.Contains("value: 127.0.0.1:6379", bus);
        Assert.DoesNotContain("redis:6379", bus);

        var daprds = marketplace.Processes.Where(process => process.Key.StartsWith("sidecar of", StringComparison.Ordinal)).Select(process => process.Value).ToList();
        Assert.Equal(6, daprds.Count);
        await marketplace.DisposeAsync();
        options.Ports.Check(options.Ports.Names);
    }

    [Fact]
    public void rabbitmq_is_asked_for_by_its_own_component_and_resiliency_is_that_of_the_local_run()
    {
        var resources = new Daprd("/usr/bin/daprd").WriteResources(folder);
        Assert.Contains("type: pubsub.rabbitmq", File.ReadAllText(Path.Combine(resources, "marketplace-bus.yaml")));
        var own = Checkout.DaprResources.Split(Path.PathSeparator).SelectMany(from => Directory.GetFiles(from, "resiliency.yaml")).Single();
        Assert.Equal(File.ReadAllText(own), File.ReadAllText(Path.Combine(resources, "resiliency.yaml")));
    }

    [Fact]
    public async Task a_wrong_path_is_told_in_a_sentence_and_nothing_is_started()
    {
        var text = Path.Combine(folder, "daprd.txt");
        await File.WriteAllTextAsync(text, "no program", TestContext.Current.CancellationToken);
        await RefusedAsync(Path.Combine(folder, "nowhere"), $"There is no daprd at {Path.Combine(folder, "nowhere")}.");
        await RefusedAsync(folder, $"{folder} is a folder;");
        await RefusedAsync(text, $"{text} is not a program");
    }

    [Theory]
    [InlineData("--daprd needs a value", "--daprd")]
    [InlineData("--broker says what daprd uses", "--broker", "redis")]
    [InlineData("--broker knows rabbitmq and redis, not 'kafka'", "--daprd", "d", "--broker", "kafka")]
    [InlineData("--chaos is a mode of the local sidecar", "--daprd", "d", "--chaos")]
    [InlineData("--chaos is a mode of the local sidecar", "play", "a.json", "--chaos", "--daprd", "d")]
    public void what_cannot_be_followed_is_told_in_a_sentence(string beginning, params string[] words) =>
        Assert.StartsWith(beginning, Assert.IsType<Misused>(CommandLine.Parse(words)).Sentence);

    [Fact]
    public void daprd_and_its_broker_are_understood_in_any_order()
    {
        Assert.Equal(new RunCommand(Daprd: new Daprd("d", Daprd.RabbitMq)), CommandLine.Parse(["--daprd", "d"]));
        Assert.Equal(new RunCommand(Daprd: new Daprd("d", Daprd.Redis)), CommandLine.Parse(["--broker", "redis", "--daprd", "d"]));
        Assert.Equal(new PlayCommand("a.json", Daprd: new Daprd("d", Daprd.Redis)), CommandLine.Parse(["play", "a.json", "--daprd", "d", "--broker", "redis"]));
    }

    private async Task RefusedAsync(string program, string beginning)
    {
        var options = new LocalMarketplaceOptions { Folder = Path.Combine(folder, "run"), Ports = Ports.Free(), Daprd = new Daprd(program) };
        var refused = await Assert.ThrowsAsync<CannotStartException>(() => LocalMarketplace.StartAsync(options, ct: TestContext.Current.CancellationToken));
        Assert.StartsWith(beginning, refused.Message);
        Assert.False(Directory.Exists(options.Folder));
    }

    private string WriteProgram()
    {
        var program = Path.Combine(folder, "stand-in");
        File.WriteAllText(program, StandIn);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return program;
    }

    private (string[] Words, Dictionary<string, string> Environment) Started(int port)
    {
        var written = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(folder, $"{port}.json")));
        return (written.GetProperty("words").Deserialize<string[]>()!, written.GetProperty("environment").Deserialize<Dictionary<string, string>>()!);
    }
}
