using Marketplace.Platform.Hosting;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Gateway.Status;

/// <summary>Whether this process lives, and whether it can serve: its database answers.</summary>
public sealed class Health : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok()).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (NpgsqlDataSource source, CancellationToken ct) =>
        {
            var database = await ServiceHost.DatabaseAnswersAsync(source, ct);
            return Results.Json(new { database }, statusCode: database ? 200 : 503);
        }).ExcludeFromDescription();
    }
}
