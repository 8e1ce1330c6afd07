using System.Diagnostics;
using System.Security.Cryptography;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Testing;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Deploy.Tests;

/// <summary>The real processes, started with exactly what the files tell them.</summary>
public sealed class ProcessTests(TestPostgres postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Apps => [.. Code.Apps.Select(app => app.AppId)];

    [Fact]
    public async Task new_secrets_complete_the_example_and_are_new_each_time()
    {
        var (first, second) = (await NewEnvironmentAsync(), await NewEnvironmentAsync());
        var example = (await Deployment.LoadAsync()).Example;

        Assert.Equal(example.Keys, first.Keys);
        Assert.All(example.Where(line => line.Value.Length > 0), line => Assert.Equal(line.Value, first[line.Key]));
        string[] mayBeEmpty =
        [
            "TRUSTED_PROXIES", "STAFF_TWO_FACTOR", "SMTP_USER", "SMTP_PASSWORD", "OPENID_AUTHORITY", "OPENID_CLIENT_ID", "OPENID_CLIENT_SECRET", "OPENID_LABEL", "OPENID_SCOPES", "OPENID_ACR_VALUES",
            "OPENID_CLAIMS_REQUEST", "OPENID_MULTI_FACTOR_ACR", "OPENID_ROLES_CLAIM", "OPENID_ROLES", "OPENID_STAFF_SIRETS", "OPENID_AUDIENCE",
        ];
        Assert.Equal(mayBeEmpty.Order(), first.Where(line => line.Value.Length == 0).Select(line => line.Key).Order());
        var secrets = example.Where(line => line.Value.Length == 0).Select(line => line.Key).Except(mayBeEmpty).ToList();
        Assert.Equal(secrets.Count, secrets.Select(name => first[name]).Distinct().Count());
        Assert.All(secrets, name => Assert.NotEqual(first[name], second[name]));
        Assert.All(secrets.Where(name => name.EndsWith("PASSWORD", StringComparison.Ordinal)), name => Assert.Matches("^[0-9a-f]{48}$", first[name]));
        using var key = RSA.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(first["IDENTITY_PRIVATE_KEY"]), out _);
        Assert.Equal(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()), first["IDENTITY_PUBLIC_KEY"]);
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public async Task what_the_files_tell_is_enough_to_migrate(string app)
    {
        var (deployment, variables) = (await Deployment.LoadAsync(), await NewEnvironmentAsync());
        string Secret(string name, string key) => (name, key) switch
        {
            ("identity", "public-key") => variables["IDENTITY_PUBLIC_KEY"],
            ("identity", "private-key") => variables["IDENTITY_PRIVATE_KEY"],
            ("stripe", "secret-key") => "sk_live_" + variables["RABBITMQ_PASSWORD"],
            _ => variables["RABBITMQ_PASSWORD"],
        };

        foreach (var settings in (Dictionary<string, string>[])[deployment.ComposeSettings(app, variables), deployment.KubernetesSettings("town", app, Secret), deployment.KubernetesSettings("region", app, Secret)])
        {
            var database = await postgres.NewDatabaseAsync();
            settings["ConnectionStrings__Database"] = database;
            settings["LocalClock__File"] = "";
            var (code, output) = await RunAsync(app, settings, "--migrate");

            Assert.True(code == 0, output);
            await using var source = Npgsql.NpgsqlDataSource.Create(database);
            await using var migrations = source.CreateCommand("select count(*) from migration");
            Assert.True((long)(await migrations.ExecuteScalarAsync())! > 1);
        }
    }

    [Fact]
    public async Task without_its_key_a_process_does_not_start()
    {
        var settings = (await Deployment.LoadAsync()).ComposeSettings("catalog", await NewEnvironmentAsync());
        settings["ConnectionStrings__Database"] = await postgres.NewDatabaseAsync();
        settings["LocalClock__File"] = "";
        settings.Remove("Identity__PublicKey");

        var (code, output) = await RunAsync("catalog", settings, "--migrate");

        Assert.NotEqual(0, code);
        Assert.Contains("Identity:PublicKey", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_image_can_be_asked_for_its_health_without_a_shell()
    {
        var identity = new TestIdentity();
        var gateway = await ServiceProcess.StartAsync("gateway/Gateway", await postgres.NewDatabaseAsync(), identity, new Dictionary<string, string> { ["Identity__PrivateKey"] = identity.PrivateKey });
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"http://+:{gateway.Http.BaseAddress!.Port}",
            ["Identity__PrivateKey"] = identity.PrivateKey,
            ["ConnectionStrings__Database"] = gateway.ConnectionString,
        };
        await using (gateway)
        {
            Assert.Equal(0, (await RunAsync("gateway", settings, "--health")).Code);
        }

        Assert.Equal(1, (await RunAsync("gateway", settings, "--health")).Code);
    }

    private static async Task<Dictionary<string, string>> NewEnvironmentAsync()
    {
        var (code, output) = await RunAsync(new ProcessStartInfo("sh", [Path.Combine(Deployment.Folder, "new-env.sh")]));
        Assert.True(code == 0, output);
        return Deployment.Variables(output.Split('\n'));
    }

    private static Task<(int Code, string Output)> RunAsync(string app, Dictionary<string, string> settings, string argument)
    {
        var project = Code.Apps.Single(a => a.AppId == app).Project;
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Repository.Root, project, "bin", configuration, "net10.0", Path.GetFileName(project) + ".dll"), argument]);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return RunAsync(start);
    }

    private static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, output + await errors);
    }
}
