using System.Text;
using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Admin;
using Marketplace.PaymentSimulator.Time;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Webhooks;

/// <summary>Sends events to endpoints until each is taken with 2xx, for at most three days; pending ones survive a restart.</summary>
public sealed partial class DeliverWebhooks(
    NpgsqlDataSource database, TimeProvider time, Wake wake, Switches switches, ILogger<DeliverWebhooks> log) : BackgroundService
{
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromHours(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    private sealed record Delivery(long Id, int Attempts, string Event, string Url, string Secret);

    /// <inheritdoc />
    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var signal = wake.Next;
            var rest = LongestRest;
            try
            {
                while (await Due(stoppingToken) is { Count: > 0 } batch)
                    await Parallel.ForEachAsync(batch, new ParallelOptions { MaxDegreeOfParallelism = switches.Settings.WebhookReorder ? 1 : AtOnce, CancellationToken = stoppingToken }, Deliver);
                rest = await UntilNext(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailure(e);
                rest = TimeSpan.FromSeconds(5);
            }

            await signal.WaitAsync(rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask Deliver(Delivery delivery, CancellationToken ct)
    {
        if (switches.Settings.WebhookDelayMs is > 0 and var delay)
            await Task.Delay(Math.Min(delay, 60_000), ct);
        if (switches.Take(settings => settings.WebhookDrop, settings => settings with { WebhookDrop = settings.WebhookDrop - 1 }))
        {
            await Finish(delivery, ct);
            return;
        }

        var forged = switches.Take(settings => settings.WebhookWrongSignature, settings => settings with { WebhookWrongSignature = settings.WebhookWrongSignature - 1 });
        var taken = await Send(delivery, forged ? $"whsec_wrong{delivery.Secret}" : delivery.Secret, ct);
        if (taken && switches.Take(settings => settings.WebhookDuplicate, settings => settings with { WebhookDuplicate = settings.WebhookDuplicate - 1 }))
            await Send(delivery, delivery.Secret, ct);
        // Whatever a forged delivery was answered, the event itself has not been sent yet.
        if (taken && !forged)
            await Finish(delivery, ct);
        else
            await TryLater(delivery, ct);
    }

    private async Task<bool> Send(Delivery delivery, string secret, CancellationToken ct)
    {
        try
        {
            var body = Encoding.UTF8.GetBytes(((JsonObject)JsonNode.Parse(delivery.Event)!).Write());
            using var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
            request.Headers.TryAddWithoutValidation("Stripe-Signature", WebhookSignature.Header(body, secret, time.GetUtcNow()));
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<List<Delivery>> Due(CancellationToken ct)
    {
        if (switches.Settings.WebhookHold)
            return [];
        var order = switches.Settings.WebhookReorder ? "desc" : "asc";
        await using var command = database.CreateCommand($"""
            select d.id, d.attempts, e.body::text, w.body->>'url', w.body->>'_secret'
            from deliveries d join objects e on e.id = d.event join objects w on w.id = d.endpoint
            where d.next_at <= $1 order by d.id {order} limit 64
            """);
        command.Parameters.Add(new() { Value = time.GetUtcNow().ToUnixTimeMilliseconds() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<Delivery>();
        while (await reader.ReadAsync(ct))
            due.Add(new(reader.GetInt64(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        return due;
    }

    private async Task Finish(Delivery delivery, CancellationToken ct)
    {
        await using var command = database.CreateCommand("delete from deliveries where id = $1");
        command.Parameters.Add(new() { Value = delivery.Id });
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task TryLater(Delivery delivery, CancellationToken ct)
    {
        var backOff = TimeSpan.FromMilliseconds(Math.Min(LongestBackOff.TotalMilliseconds, 250 * Math.Pow(2, delivery.Attempts)));
        await using var command = database.CreateCommand("update deliveries set attempts = attempts + 1, next_at = $2 where id = $1 and give_up_at > $2");
        command.Parameters.Add(new() { Value = delivery.Id });
        command.Parameters.Add(new() { Value = (time.GetUtcNow() + backOff).ToUnixTimeMilliseconds() });
        if (await command.ExecuteNonQueryAsync(ct) == 0)
            await Finish(delivery, ct);
        LogRetry(delivery.Id, delivery.Attempts + 1);
    }

    private async Task<TimeSpan> UntilNext(CancellationToken ct)
    {
        if (switches.Settings.WebhookHold)
            return LongestRest;
        await using var command = database.CreateCommand("select min(next_at) from deliveries");
        if (await command.ExecuteScalarAsync(ct) is not long at)
            return LongestRest;
        var rest = DateTimeOffset.FromUnixTimeMilliseconds(at) - time.GetUtcNow();
        return rest < TimeSpan.FromMilliseconds(20) ? TimeSpan.FromMilliseconds(20) : rest < LongestRest ? rest : LongestRest;
    }

    [LoggerMessage(LogLevel.Error, "Sending webhooks failed; it is tried again")]
    private partial void LogFailure(Exception e);

    [LoggerMessage(LogLevel.Debug, "Delivery {Delivery} failed {Attempts} times and is tried again")]
    private partial void LogRetry(long delivery, int attempts);
}
