using System.Text.Json;
using Marketplace.Gateway.Tests;
using Marketplace.Testing;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Gateway.Tests;

/// <summary>A gateway process, and one upstream that stands where the services would be.</summary>
[CollectionDefinition(nameof(GatewayFixture))]
public sealed class GatewayFixture(TestPostgres postgres) : IAsyncLifetime, ICollectionFixture<GatewayFixture>
{
    public const string AdminEmail = "maire@ville.test";
    public const string AdminPassword = "le-mot-du-maire-2026";

    public ServiceProcess Gateway { get; private set; } = null!;

    public Upstream Upstream { get; private set; } = null!;

    public TestPostgres Postgres => postgres;

    public async ValueTask InitializeAsync()
    {
        Upstream = await Upstream.StartAsync();
        Gateway = await StartAsync(new() { ["Services__Catalog"] = Upstream.Address, ["Services__Accreditation"] = Upstream.Address, ["Services__Subsidies"] = Upstream.Address, ["LocalClock__Followers"] = Upstream.Address });
    }

    /// <summary>Another gateway, with a database and identity of its own unless given.</summary>
    public async Task<ServiceProcess> StartAsync(Dictionary<string, string> settings, string? database = null, TestIdentity? identity = null)
    {
        identity ??= new TestIdentity();
        settings.TryAdd("Identity__PrivateKey", identity.PrivateKey);
        settings.TryAdd("Mail__Console", "true");
        settings["MARKETPLACE_ADMIN_EMAIL"] = AdminEmail;
        settings["MARKETPLACE_ADMIN_PASSWORD"] = AdminPassword;
        return await ServiceProcess.StartAsync("gateway/Gateway", database ?? await postgres.NewDatabaseAsync(), identity, settings);
    }

    public async Task<string> SignInAsync(string email, string password)
    {
        var answer = await Gateway.PostAsync("/api/auth/token", new { email, password }, null);
        Assert.Equal(200, (int)answer.Status);
        return answer.Body.GetProperty("accessToken").GetString()!;
    }

    /// <summary>A new business's user.</summary>
    public async Task<(string Email, Guid UserId)> RegisterAsync(string password)
    {
        var email = NewEmail();
        var answer = await Gateway.PostAsync("/api/auth/register", Registration(email, password: password), null);
        Assert.Equal(201, (int)answer.Status);
        return (email, answer.Body.GetProperty("userId").GetGuid());
    }

    /// <summary>A new member of the staff.</summary>
    public async Task<(string Email, Guid UserId)> HireAsync(string password, params string[] roles)
    {
        var email = NewEmail();
        var answer = await Gateway.PostAsync("/api/auth/staff", new { email, password, displayName = "Agent", roles }, Gateway.Identity.Staff("admin"));
        Assert.Equal(201, (int)answer.Status);
        return (email, answer.Body.GetProperty("userId").GetGuid());
    }

    public static object Registration(string? email = null, string? siret = null, string kind = "business", string password = "une-Longue-phrase-7", object? organisation = null) => new
    {
        email = email ?? NewEmail(),
        password,
        displayName = "Awa Diop",
        organisation = organisation ?? new { kind, name = "Boulangerie Diop", siret = siret ?? TestOrganisation.New().Siret, headcount = 4, turnoverCents = 35_000_000L, departement = "62", iban = "FR14 2004 1010 0505 0001 3M02 606" },
    };

    public static string NewEmail() => $"{Guid.NewGuid():N}@entreprise.test";

    public static Dictionary<string, object?> Changed(object body, string path, object? value)
    {
        var root = JsonSerializer.SerializeToNode(body)!.AsObject();
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(root, (at, name) => at[name]!.AsObject());
        parent[names[^1]] = JsonSerializer.SerializeToNode(value);
        return root.ToDictionary(p => p.Key, p => (object?)p.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}
