using System.Text.Json;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Marketplace.PooledOrders.Pools;

/// <summary><c>GET /api/pools/{id}/stream</c>: server-sent events named <c>pool</c>, with the body of <c>GET /api/pools/{id}</c>, at most four a second.</summary>
public sealed class StreamPool : IEndpoint
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/{id:guid}/stream", StreamAsync)
        .Produces<PoolView>(200, "text/event-stream").WithTags("Pools").WithSummary("Follow a pool live (server-sent events)");

    private static async Task StreamAsync(Guid id, HttpContext context, Session session, PoolFeed feed, CancellationToken ct)
    {
        PoolRow? pool;
        await using (session)
        {
            pool = await PoolRow.FindAsync(await session.OpenAsync(ct), id);
        }

        if (pool is null)
        {
            await ((Answer)Problem.NotFound("pool")).ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var changes = feed.ListenAsync(pool, ct).GetAsyncEnumerator(ct);
        try
        {
            var next = changes.MoveNextAsync().AsTask();
            while (true)
            {
                if (await Task.WhenAny(next, Task.Delay(Heartbeat, ct)) != next)
                {
                    await context.Response.WriteAsync(": still here\n\n", ct);
                }
                else if (await next)
                {
                    await context.Response.WriteAsync($"event: pool\nid: {changes.Current.Version}\ndata: {JsonSerializer.Serialize(changes.Current, Json.Options)}\n\n", ct);
                    next = changes.MoveNextAsync().AsTask();
                }
                else
                {
                    return;
                }

                await context.Response.Body.FlushAsync(ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The listener left, or the service stops.
        }
    }
}
