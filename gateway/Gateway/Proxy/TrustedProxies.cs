using Microsoft.AspNetCore.HttpOverrides;

namespace Marketplace.Gateway.Proxy;

/// <summary>
/// Where TLS ends before the gateway, <c>Proxies:Trusted</c> (networks such as <c>10.0.0.0/8</c>, separated by commas)
/// names whose word about the client's address and scheme is taken. Nobody's, when it is not set.
/// </summary>
public static class TrustedProxies
{
    /// <summary>To be before everything that looks at addresses.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var networks = (app.Configuration["Proxies:Trusted"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (networks.Length == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        }

        app.UseForwardedHeaders(options);
    }
}
