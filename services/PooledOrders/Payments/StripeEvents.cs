using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// <c>POST /api/webhooks/stripe</c>: verify the raw body, store by event id, answer 200, work from the store. The body
/// only says which object to read again: events come late, twice and out of order.
/// </summary>
public sealed class StripeEvents : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/webhooks/stripe", ReceiveAsync).WithTags("Webhooks").WithSummary("The payment provider's events (signature checked)");

    private static async Task<IResult> ReceiveAsync(HttpContext context, StripeOptions options, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, ct);
        var body = buffer.ToArray();
        var verdict = StripeSignature.Verify(body, context.Request.Headers["Stripe-Signature"], options.WebhookSecret, clock.GetUtcNow(), StripeSignature.DefaultTolerance);
        if (verdict != StripeSignatureVerdict.Valid)
        {
            return (Answer)new Problem(400, "wrong-signature", "The event is not signed by the payment provider.", $"{verdict}.");
        }

        if (Parse(body) is not { } received)
        {
            return (Answer)Problem.Invalid("", "The body is not an event.");
        }

        await using var db = await source.OpenConnectionAsync(ct);
        await db.ExecuteAsync(
            "insert into stripe_event (id, type, body, received_at) values (@Id, @Type, @json::jsonb, @now) on conflict do nothing",
            new { received.Id, received.Type, json = Encoding.UTF8.GetString(body), now = clock.GetUtcNow().UtcDateTime });
        return Results.Ok();
    }

    /// <summary>Works off stored events: reads each PaymentIntent again and records how it stands.</summary>
    /// <returns>How many were worked off.</returns>
    public static async Task<int> WorkOffAsync(IServiceScopeFactory scopes, NpgsqlConnection db, DateTime now, CancellationToken ct)
    {
        var events = (await db.QueryAsync<(string Id, string? Intent)>(
            """
            select id, case when type like 'payment_intent.%' then body -> 'data' -> 'object' ->> 'id' end
            from stripe_event where processed_at is null order by received_at limit 100
            """)).AsList();
        foreach (var intent in events.Select(e => e.Intent).OfType<string>().Distinct())
        {
            var commitment = await db.ExecuteScalarAsync<Guid?>("select commitment_id from payment where payment_intent_id = @intent and status <> 'succeeded'", new { intent });
            if (commitment is { } id)
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<Charging>().RefreshAsync((await PaymentRow.FindAsync(db, id))!, ct);
            }
        }

        await db.ExecuteAsync("update stripe_event set processed_at = @now where id = any(@ids)", new { now, ids = events.Select(e => e.Id).ToArray() });
        return events.Count;
    }

    private static StripeEvent? Parse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, StripeJson.Default.StripeEvent) is { Id.Length: > 0 and <= 255, Type.Length: > 0 and <= 255 } e ? e : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
