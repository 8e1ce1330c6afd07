using Marketplace.Platform.Answers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Marketplace.Platform.Requests;

/// <summary>
/// Bodies over the limit are answered 413 before anything is read (API.md, Conventions). What the client has begun to
/// send is read and thrown away, within reason: a connection closed under its hands would show it a broken pipe instead
/// of the answer.
/// </summary>
public static class BodyLimits
{
    private const long MostDrained = 64 << 20;

    /// <summary>
    /// Refuses declared lengths over the limit; a body in chunks is cut off by the server's own limit. Comes after
    /// routing, which knows an endpoint's own limit.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="ownLimit">A request's own limit in bytes, where the endpoint does not carry it; null for the usual one.</param>
    public static void UseBodyLimits(this IApplicationBuilder app, Func<HttpRequest, long?>? ownLimit = null) => app.Use((context, next) =>
    {
        var server = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        if (context.Request.ContentLength is not { } length || length <= (ownLimit?.Invoke(context.Request) ?? server.MaxRequestBodySize ?? long.MaxValue))
        {
            return next(context);
        }

        if (length <= MostDrained && !server.IsReadOnly)
        {
            server.MaxRequestBodySize = null;
        }

        return ((Answer)TooLarge).ExecuteAsync(context);
    });

    /// <summary>413.</summary>
    public static Problem TooLarge { get; } = new(413, "too-large", "The body is too large.");
}
