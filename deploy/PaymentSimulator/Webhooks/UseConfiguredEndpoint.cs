using Marketplace.PaymentSimulator.Objects;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Webhooks;

/// <summary>The endpoint that the configuration names: <c>Simulator:Webhook:Url</c> and <c>Simulator:Webhook:Secret</c>.</summary>
public static class UseConfiguredEndpoint
{
    /// <summary>Creates or replaces it; without configuration nothing changes.</summary>
    /// <exception cref="InvalidOperationException">An address without a secret.</exception>
    public static async Task RunAsync(IConfiguration configuration, NpgsqlDataSource database, TimeProvider time)
    {
        if (configuration["Simulator:Webhook:Url"] is not { Length: > 0 } url)
            return;
        if (configuration["Simulator:Webhook:Secret"] is not { Length: > 0 } secret)
            throw new InvalidOperationException("Simulator:Webhook:Url needs Simulator:Webhook:Secret.");
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var session = new Session(connection, time.GetUtcNow(), Json.NewId("req"), null, "");
        session.Put(WebhookEndpoints.Configured(url, secret, session.Now));
        await session.Flush();
        await transaction.CommitAsync();
    }
}
