using Microsoft.AspNetCore.Http.Features;

namespace Marketplace.Gateway.Proxy;

/// <summary>
/// Bodies over 1 MiB (evidence: 10 MiB) are answered 413 before anything is read or forwarded (API.md, Conventions).
/// What the client has begun to send is read and thrown away, within reason: a connection closed under its hands would
/// show it a broken pipe instead of the answer.
/// </summary>
public static class BodyLimits
{
    /// <summary>10 MiB of evidence, and a little.</summary>
    public const long Evidence = (10 << 20) + (64 << 10);

    private const long Usual = 1 << 20;
    private const long MostDrained = 64 << 20;

    /// <summary>Refuses declared lengths over the limit; what comes in chunks is cut off by the server's own limit.</summary>
    public static void UseBodyLimits(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.ContentLength is not { } length || length <= Limit(context.Request))
        {
            return next(context);
        }

        if (length <= MostDrained)
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        }

        return ProxyProblems.TooLargeAsync(context);
    });

    private static long Limit(HttpRequest request) =>
        HttpMethods.IsPut(request.Method)
        && request.Path.StartsWithSegments("/api/accreditation/applications", out var rest)
        && rest.Value?.Contains("/evidence/", StringComparison.Ordinal) == true
            ? Evidence
            : Usual;
}
