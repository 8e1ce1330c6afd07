using System.Security.Cryptography;
using System.Text;
using Marketplace.LocalSidecar.Health;
using Marketplace.LocalSidecar.Invocation;

namespace Marketplace.LocalSidecar;

/// <summary>The routes of wire contract §1.2 that matter here; the port a request comes in on tells whose sidecar is meant.</summary>
internal static class SidecarApi
{
    private static readonly string[] Publishing = [HttpMethods.Post, HttpMethods.Put];

    public static void MapSidecar(this WebApplication web, SidecarEngine engine, SidecarSettings settings)
    {
        var byPort = engine.Apps.ToDictionary(app => app.Settings.HttpPort);
        LocalApp App(HttpContext context) => byPort[context.Connection.LocalPort];

        web.Use((context, next) =>
        {
            if (App(context).IsStopped)
            {
                context.Abort();
                return Task.CompletedTask;
            }
            context.Request.Path = Normalise(context.Request.Path.Value ?? "/");
            return IsAllowed(context, settings.ApiToken) ? next(context) : RefuseAsync(context);
        });
        web.UseRouting();

        web.MapMethods("/v1.0/publish/bulk/{**path}", Publishing, context => engine.PublishInBulk.HandleAsync(context, App(context), Route(context, "path")));
        web.MapMethods("/v1.0-alpha1/publish/bulk/{**path}", Publishing, context => engine.PublishInBulk.HandleAsync(context, App(context), Route(context, "path")));
        web.MapMethods("/v1.0/publish/{**path}", Publishing, context => engine.PublishEvent.HandleAsync(context, App(context), Route(context, "path")));
        var invoke = new InvokeService(engine.Channel, engine.Apps);
        web.Map("/v1.0/invoke/{**path}", context => invoke.HandleAsync(context, App(context)));
        web.MapGet("/v1.0/healthz", context => HealthRoutes.HealthAsync(context, App(context)));
        web.MapGet("/v1.0/healthz/outbound", HealthRoutes.OutboundAsync);
        web.MapGet("/v1.0/metadata", context => MetadataRoutes.GetAsync(context, App(context)));
        web.MapPut("/v1.0/metadata/{key}", context => MetadataRoutes.SetAsync(context, App(context), Route(context, "key")));
        web.MapPost("/v1.0/shutdown", context => ShutdownAsync(context, engine, App(context), web.Lifetime));
        web.MapGet("/v1.0-local/dead-letters", engine.DeadLetters.ListAsync);
        web.MapPost("/v1.0-local/dead-letters/{id}/replay", context => engine.DeadLetters.ReplayAsync(context, Route(context, "id")));
        web.MapGet("/v1.0-local/idle", engine.DeadLetters.IdleAsync);
    }

    /// <summary>Stops the sidecar of this app only; the process ends with the last one.</summary>
    private static Task ShutdownAsync(HttpContext context, SidecarEngine engine, LocalApp app, IHostApplicationLifetime lifetime)
    {
        context.Response.OnCompleted(() =>
        {
            app.Stop();
            if (engine.Apps.All(one => one.IsStopped))
                lifetime.StopApplication();
            return Task.CompletedTask;
        });
        return Answer.NoContent(context);
    }

    private static bool IsAllowed(HttpContext context, string? token) =>
        token is null
        || (HttpMethods.IsGet(context.Request.Method) && context.Request.Path.Value is "/v1.0/healthz" or "/v1.0/healthz/outbound")
        || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers["dapr-api-token"].ToString()), Encoding.UTF8.GetBytes(token));

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync("invalid api token");
    }

    /// <summary>Collapses repeated slashes and drops one at the end, as daprd does before routing.</summary>
    private static string Normalise(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
            path = path.Replace("//", "/", StringComparison.Ordinal);
        return path.Length > 1 && path.EndsWith('/') ? path[..^1] : path;
    }

    private static string Route(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";
}
