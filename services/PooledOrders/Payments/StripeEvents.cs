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
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(30);

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

    /// <summary>
    /// Works off stored events: reads each PaymentIntent or refund again and records how it stands. A refund that cannot
    /// be read now is read later.
    /// </summary>
    /// <returns>How many were worked off.</returns>
    public static async Task<int> WorkOffAsync(IServiceScopeFactory scopes, NpgsqlConnection db, DateTime now, CancellationToken ct)
    {
        var events = (await db.QueryAsync<(string Id, string? Intent, string? Refund)>(
            """
            select id, case when type like 'payment_intent.%' then body -> 'data' -> 'object' ->> 'id' end,
                   case when type like 'refund.%' then body -> 'data' -> 'object' ->> 'id' end
            from stripe_event where processed_at is null and (next_try_at is null or next_try_at <= @now) order by received_at limit 100
            """, new { now })).AsList();
        foreach (var intent in events.Select(e => e.Intent).OfType<string>().Distinct())
        {
            var commitment = await db.ExecuteScalarAsync<Guid?>("select commitment_id from payment where payment_intent_id = @intent and status <> 'succeeded'", new { intent });
            if (commitment is { } id)
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<Charging>().RefreshAsync((await PaymentRow.FindAsync(db, id))!, ct);
            }
        }

        var unread = new HashSet<string>();
        foreach (var refund in events.Select(e => e.Refund).OfType<string>().Distinct())
        {
            await using var scope = scopes.CreateAsyncScope();
            if (!await scope.ServiceProvider.GetRequiredService<Refunding>().RefreshAsync(refund, ct))
            {
                unread.Add(refund);
            }
        }

        await db.ExecuteAsync(
            """
            update stripe_event set processed_at = @now where id = any(@read);
            update stripe_event set next_try_at = @later where id = any(@toReadAgain)
            """,
            new
            {
                now,
                later = now + ReadAgain,
                read = events.Where(e => e.Refund is null || !unread.Contains(e.Refund)).Select(e => e.Id).ToArray(),
                toReadAgain = events.Where(e => e.Refund is not null && unread.Contains(e.Refund)).Select(e => e.Id).ToArray(),
            });
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
