namespace Marketplace.LocalSidecar.Health;

/// <summary>GET /v1.0/healthz and /v1.0/healthz/outbound (wire contract §5); neither asks for the token.</summary>
internal static class HealthRoutes
{
    public static Task HealthAsync(HttpContext context, LocalApp app)
    {
        var asked = context.Request.Query["appid"].ToString();
        if (!app.HasBeenSeen)
            return new DaprError(500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [app]").WriteAsync(context);
        if (asked.Length > 0 && asked != app.AppId)
            return new DaprError(500, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match").WriteAsync(context);
        return Answer.NoContent(context);
    }

    // The API opens only when the database is there and the tables exist, so there is nothing left to wait for.
    public static Task OutboundAsync(HttpContext context) => Answer.NoContent(context);
}
