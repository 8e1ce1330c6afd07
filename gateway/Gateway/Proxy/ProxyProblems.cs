using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace Marketplace.Gateway.Proxy;

/// <summary>What a client is told when a request could not be forwarded.</summary>
public static class ProxyProblems
{
    /// <summary>The client's own fault (400, 413), or the service's absence (503, 504).</summary>
    public static Task ExplainAsync(HttpContext context, IForwarderErrorFeature error)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        var problem = error switch
        {
            { Exception: BadHttpRequestException { StatusCode: 413 } } or { Exception.InnerException: BadHttpRequestException { StatusCode: 413 } } => BodyLimits.TooLarge,
            { Error: ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled } => new Problem(400, "invalid-input", "The request could not be read."),
            { Error: ForwarderError.RequestTimedOut } => new Problem(504, "service-timeout", "The service did not answer in time."),
            _ => new Problem(503, "service-unavailable", "The service cannot be reached at the moment.", "Try again in a few seconds; repeat writes with the same Idempotency-Key."),
        };
        context.Response.Clear();
        if (problem.Status == 503)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        return ((Answer)problem).ExecuteAsync(context);
    }
}
