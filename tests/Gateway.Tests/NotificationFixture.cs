using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.LocalPostgres;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Gateway.Tests;

/// <summary>A business or provider with its user's token.</summary>
public sealed record Member(string Email, Guid UserId, Guid OrganisationId, string Token);

/// <summary>A gateway with a sidecar's port and a mail server.</summary>
[CollectionDefinition(nameof(NotificationFixture))]
public sealed class NotificationFixture(TestPostgres postgres) : IAsyncLifetime, ICollectionFixture<NotificationFixture>
{
    public const string Password = "une-Longue-phrase-7";

    public ServiceProcess Gateway { get; private set; } = null!;

    public MailServer Mail { get; } = new();

    public async ValueTask InitializeAsync() => Gateway = await StartAsync(Mail.Settings);

    /// <summary>Another gateway with a sidecar's port, on a database of its own unless given.</summary>
    public async Task<ServiceProcess> StartAsync(Dictionary<string, string> settings, string? database = null, string live = "/health/live")
    {
        var identity = new TestIdentity();
        settings["Identity__PrivateKey"] = identity.PrivateKey;
        settings["AppChannel__Port"] = $"{PostgresServer.FreePort()}";
        return await ServiceProcess.StartAsync("gateway/Gateway", database ?? await postgres.NewDatabaseAsync(), identity, settings, live);
    }

    public Task<string> NewDatabaseAsync() => postgres.NewDatabaseAsync();

    public Task<Member> RegisterAsync(string kind = "business", string? language = null) => RegisterAsync(Gateway, kind, language);

    public static async Task<Member> RegisterAsync(ServiceProcess gateway, string kind = "business", string? language = null)
    {
        var email = GatewayFixture.NewEmail();
        var body = GatewayFixture.Changed(GatewayFixture.Registration(email, kind: kind, password: Password), "language", language);
        var registered = await gateway.PostAsync("/api/auth/register", body, null);
        Assert.Equal(201, (int)registered.Status);
        var token = await gateway.PostAsync("/api/auth/token", new { email, password = Password }, null);
        return new Member(email, registered.Body.GetProperty("userId").GetGuid(), registered.Body.GetProperty("organisationId").GetGuid(), token.Body.GetProperty("accessToken").GetString()!);
    }

    public static PoolNoticeGiven Notice(string kind, DateTime givenAt, params Guid[] organisations) => new(
        Guid.CreateVersion7(), kind, Guid.CreateVersion7(), "Antivirus des commerces", [.. organisations.Select(o => new NoticeRecipient(o, Guid.CreateVersion7(), 123_45))],
        new DateTime(2026, 12, 24, 17, 0, 0, DateTimeKind.Utc), 7, 29_90, givenAt, 1);

    public async Task<int> ExecuteAsync(string sql, object values)
    {
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        return await db.ExecuteAsync(sql, values);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        Mail.Dispose();
    }
}
