using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;

namespace Marketplace.Gateway.Sidecar;

/// <summary>
/// The sidecar's way in: a port of its own (<c>AppChannel:Port</c>; on loopback unless <c>AppChannel:Host</c> names
/// another address to listen on), with the subscriptions, what the sidecar asks to know whether to deliver, and nothing else. They are mapped on no other port, and which
/// port a request came in by is the connection's word, not a header's. Without the setting there are no subscriptions.
/// </summary>
public static class AppChannel
{
    /// <summary>The port; null when the gateway has no sidecar.</summary>
    /// <exception cref="InvalidOperationException">It is not a port number.</exception>
    public static int? Port(IConfiguration configuration) => configuration["AppChannel:Port"] switch
    {
        null or "" => null,
        var text when int.TryParse(text, out var port) && port is > 0 and < 65_536 => port,
        var text => throw new InvalidOperationException($"AppChannel:Port is {text}; a port number is expected."),
    };

    /// <summary>Listens on the port beside the public addresses, wherever those are configured.</summary>
    public static void AddAppChannel(this WebApplicationBuilder builder)
    {
        if (Port(builder.Configuration) is not { } port)
        {
            return;
        }

        var own = $"http://{(builder.Configuration["AppChannel:Host"] is { Length: > 0 } host ? host : "127.0.0.1")}:{port}";
        if (builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            builder.Configuration["Kestrel:Endpoints:AppChannel:Url"] = own;
        }
        else
        {
            builder.WebHost.UseUrls([.. PublicAddresses(builder.Configuration), own]);
        }
    }

    /// <summary>To be the first in the pipeline: what comes in by the channel sees nothing of the rest.</summary>
    public static void UseAppChannel(this WebApplication app, string appId)
    {
        if (Port(app.Configuration) is not { } port)
        {
            return;
        }

        app.MapWhen(context => context.Connection.LocalPort == port, channel =>
        {
            channel.UseMiddleware<ProblemMiddleware>();
            channel.UseRouting();
            channel.UseEndpoints(routes =>
            {
                routes.MapGet("/health/live", () => Results.Ok());
                routes.MapSubscribeHandler(typeof(AppChannel).Assembly, appId);
            });
        });
    }

    /// <summary>Where ASP.NET Core would listen of itself.</summary>
    private static string[] PublicAddresses(IConfiguration configuration)
    {
        if (Split(configuration[WebHostDefaults.ServerUrlsKey]) is { Length: > 0 } addresses)
        {
            return addresses;
        }

        string[] ports = [.. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(p => $"http://*:{p}"), .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(p => $"https://*:{p}")];
        return ports.Length > 0 ? ports : ["http://localhost:5000"];
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
