using System.Net.Sockets;
using Marketplace.LocalSidecar.Delivery;
using Marketplace.LocalSidecar.Publishing;
using Marketplace.LocalSidecar.Resiliency;
using Microsoft.AspNetCore.Http.Features;

namespace Marketplace.LocalSidecar.Invocation;

/// <summary>ANY /v1.0/invoke/{appId}/method/{path} (wire contract §7); the map from app-id to address is this process's list of apps.</summary>
internal sealed class InvokeService(AppChannel channel, IReadOnlyList<LocalApp> apps)
{
    // daprd's built-in retry: connection failures only.
    private static readonly RetryPolicy BuiltIn = new(false, TimeSpan.FromSeconds(1), 3, new StatusCodeRanges([]));

    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "content-length", "dapr-api-token", "dapr-app-id", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    };

    public async Task HandleAsync(HttpContext context, LocalApp caller)
    {
        // The path goes on as it came, with its escapes and its query.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var rest = target[(target.IndexOf("/invoke/", StringComparison.Ordinal) + "/invoke/".Length)..];
        var method = rest.IndexOf("/method", StringComparison.Ordinal);
        var name = method < 0 ? "" : Uri.UnescapeDataString(rest[..method]);
        var calleeId = name.Split('.')[0];
        if (calleeId.Length == 0)
        {
            await new DaprError(404, "ERR_DIRECT_INVOKE", "failed getting app id either from the URL path or the header dapr-app-id").WriteAsync(context);
            return;
        }
        await ForwardAsync(context, caller, calleeId, rest[(method + "/method".Length)..]);
    }

    private async Task ForwardAsync(HttpContext context, LocalApp caller, string calleeId, string path)
    {
        var callee = apps.FirstOrDefault(app => app.AppId == calleeId && app.Settings.AppPort != 0);
        if (callee is null)
        {
            await Unreachable(calleeId, "couldn't find service: " + calleeId).WriteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context);
        var policy = caller.Policies.App(calleeId) ?? new TargetPolicy(null, BuiltIn, null);
        var breaker = caller.Breaker("app:" + calleeId, policy.Breaker);
        for (var attempt = 1; ; attempt++)
        {
            if (breaker?.TryEnter() == false)
            {
                await Unreachable(calleeId, "circuit breaker is open").WriteAsync(context);
                return;
            }
            using var response = await TryOnceAsync(context, caller, callee, path, body, policy.Timeout);
            var status = (int?)response?.StatusCode;
            breaker?.Record(status < 500);
            var again = status is null or >= 400 ? policy.Retry?.PauseAfter(attempt, status, Random.Shared.NextDouble()) : null;
            if (again is { } pause)
            {
                await Task.Delay(pause, context.RequestAborted);
                continue;
            }
            if (response is null)
                await Unreachable(calleeId, "the app does not answer").WriteAsync(context);
            else
                await CopyAsync(response, context);
            return;
        }
    }

    private async Task<HttpResponseMessage?> TryOnceAsync(HttpContext context, LocalApp caller, LocalApp callee, string path, byte[] body, TimeSpan? timeout)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (timeout is { } limit)
            attempt.CancelAfter(limit);
        using var request = channel.Request(HttpMethod.Parse(context.Request.Method), callee, path);
        if (body.Length > 0 || context.Request.ContentType is not null)
            request.Content = new ByteArrayContent(body);
        foreach (var (header, values) in context.Request.Headers)
            if (!NotForwarded.Contains(header) && !request.Headers.TryAddWithoutValidation(header, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(header, values.AsEnumerable());
        request.Headers.TryAddWithoutValidation("dapr-caller-app-id", caller.AppId);
        request.Headers.TryAddWithoutValidation("dapr-callee-app-id", callee.AppId);
        request.Headers.TryAddWithoutValidation("x-forwarded-for", "127.0.0.1");
        request.Headers.TryAddWithoutValidation("x-forwarded-host", context.Request.Host.Value);
        request.Headers.TryAddWithoutValidation("forwarded", $"for=127.0.0.1;by=127.0.0.1;host={context.Request.Host.Value}");
        try
        {
            return await channel.ForwardAsync(request, attempt.Token);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or SocketException
            || (problem is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (header, values) in response.Headers.Concat(response.Content.Headers))
            if (header.Equals("content-length", StringComparison.OrdinalIgnoreCase) || !NotForwarded.Contains(header))
                context.Response.Headers[header] = values.ToArray();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static DaprError Unreachable(string appId, string problem) => new(500, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {appId}, err: {problem}");
}
