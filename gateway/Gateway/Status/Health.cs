using Marketplace.Gateway.Sidecar;
using Marketplace.Platform.Hosting;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Gateway.Status;

/// <summary>Whether this process lives, and whether it can serve: its database answers. Its sidecar is told of, but not waited for.</summary>
public sealed class Health : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok()).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (NpgsqlDataSource source, SidecarHealth sidecar, CancellationToken ct) =>
        {
            var asked = sidecar.AskAsync(ct);
            var database = await ServiceHost.DatabaseAnswersAsync(source, ct);
            return Results.Json(new { database, sidecar = await asked }, statusCode: database ? 200 : 503);
        }).ExcludeFromDescription();
    }
}
