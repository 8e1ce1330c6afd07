using System.Net;
using Marketplace.Gateway.Sessions;
using Marketplace.Platform.Answers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Marketplace.Gateway.Proxy;

/// <summary>
/// YARP between clients and services. The path is kept thin, for it carries everything: no authentication (services
/// verify tokens themselves) but that ended sessions stay out, no buffering, no logging per request; answers stream through as they come.
/// </summary>
public static class Forwarding
{
    /// <summary>10 MiB of evidence, and a little.</summary>
    private const long EvidenceLimit = (10 << 20) + (64 << 10);

    /// <summary>256 MiB of bank statement.</summary>
    private const long StatementLimit = 256 << 20;

    private const string Statements = "/api/subsidies/bank-statements";

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);

    /// <summary>What a client claims about its address or to be a sidecar must not look like our word.</summary>
    private static readonly string[] ForgeableHeaders =
        ["dapr-api-token", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL"];

    /// <summary>Routes and destinations of <see cref="Neighbour.All"/>.</summary>
    public static void AddForwarding(this IServiceCollection services, IConfiguration configuration) => services.AddReverseProxy()
        .LoadFromMemory(Neighbour.All.SelectMany(Routes).ToList(), Neighbour.All.Select(n => Cluster(n, n.Addresses(configuration))).ToList())
        .AddTransforms(context => context.UseDefaultForwarders = false)
        .ConfigureHttpClient((_, handler) =>
        {
            handler.ConnectTimeout = TimeSpan.FromSeconds(3);
            handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60);
            handler.ActivityHeadersPropagator = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } ? handler.ActivityHeadersPropagator : null;
        });

    /// <summary>What may be larger than usual: evidence, and bank statements.</summary>
    public static long? OwnLimit(HttpRequest request) =>
        IsEvidence(request) ? EvidenceLimit : IsStatement(request) ? StatementLimit : null;

    /// <summary>Maps the routes; they run straight from routing, past authentication and authorization.</summary>
    public static void MapForwarding(this IEndpointRouteBuilder routes) => routes.MapReverseProxy(pipeline =>
    {
        pipeline.Use(ForwardAsync);
        pipeline.UseLoadBalancing();
        pipeline.UsePassiveHealthChecks();
    }).ShortCircuit();

    private static bool IsEvidence(HttpRequest request) =>
        HttpMethods.IsPut(request.Method)
        && request.Path.StartsWithSegments("/api/accreditation/applications", out var rest)
        && rest.Value?.Contains("/evidence/", StringComparison.Ordinal) == true;

    private static bool IsStatement(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments(Statements, out var rest) && rest.Value is null or "" or "/";

    private static IEnumerable<RouteConfig> Routes(Neighbour neighbour)
    {
        foreach (var path in neighbour.Paths)
        {
            yield return new RouteConfig { RouteId = path, ClusterId = neighbour.Name, Match = new RouteMatch { Path = path + "/{**rest}" } };
        }

        yield return new RouteConfig
        {
            RouteId = $"{neighbour.Name} openapi",
            ClusterId = neighbour.Name,
            Order = -1,
            Match = new RouteMatch { Path = $"/api/openapi/{neighbour.Name}.json", Methods = ["GET"] },
            Transforms = [new Dictionary<string, string> { ["PathSet"] = "/openapi.json" }],
        };
        if (neighbour.Name == "accreditation")
        {
            yield return Large(neighbour, "PUT", "/api/accreditation/applications/{id}/evidence/{key}", EvidenceLimit);
        }

        if (neighbour.Name == "subsidies")
        {
            yield return Large(neighbour, "POST", Statements, StatementLimit);
        }
    }

    private static RouteConfig Large(Neighbour neighbour, string method, string path, long limit) => new()
    {
        RouteId = $"{method} {path}",
        ClusterId = neighbour.Name,
        Order = -1,
        MaxRequestBodySize = limit,
        Match = new RouteMatch { Path = path, Methods = [method] },
    };

    private static ClusterConfig Cluster(Neighbour neighbour, IReadOnlyList<Uri> addresses) => new()
    {
        ClusterId = neighbour.Name,
        LoadBalancingPolicy = "LeastRequests",
        Destinations = addresses.Select((address, i) => (Name: $"{neighbour.Name}-{i + 1}", address)).ToDictionary(d => d.Name, d => new DestinationConfig { Address = d.address.ToString() }),
        HttpRequest = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = Idle, AllowResponseBuffering = false },
        HttpClient = new HttpClientConfig { RequestHeaderEncoding = "utf-8", ResponseHeaderEncoding = "utf-8" },
        HealthCheck = addresses.Count < 2 ? null : new HealthCheckConfig
        {
            AvailableDestinationsPolicy = "HealthyOrPanic",
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromSeconds(5) },
        },
    };

    private static Task ForwardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        foreach (var name in ForgeableHeaders)
        {
            headers.Remove(name);
        }

        return context.RequestServices.GetRequiredService<EndedSessions>().Refuses(headers.Authorization) ? RefuseAsync(context) : ForwardOrExplainAsync(context, next);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return ((Answer)new Problem(401, "not-signed-in", "You are not signed in.", "The session of this token has ended. Sign in again.")).ExecuteAsync(context);
    }

    private static async Task ForwardOrExplainAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is { } error && !context.Response.HasStarted)
        {
            await ProxyProblems.ExplainAsync(context, error);
        }
    }
}
