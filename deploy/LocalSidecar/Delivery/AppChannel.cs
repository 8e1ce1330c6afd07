using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>How a request to the app ended.</summary>
/// <param name="StatusCode">Null when there was no answer.</param>
/// <param name="IsAway">Nothing listens on the app's port: the request cannot have reached it.</param>
internal readonly record struct AppResponse(int? StatusCode, byte[] Body, bool IsAway = false, string Problem = "");

/// <summary>HTTP to the apps on 127.0.0.1, with the token they check (wire contract §1.3).</summary>
internal sealed class AppChannel(string? appToken) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    });

    public static Uri Address(LocalApp app, string path) => new($"http://127.0.0.1:{app.Settings.AppPort}{(path.StartsWith('/') ? "" : "/")}{path}");

    public HttpRequestMessage Request(HttpMethod method, LocalApp app, string path, bool withToken = true)
    {
        var request = new HttpRequestMessage(method, Address(app, path));
        if (withToken && appToken is not null)
            request.Headers.TryAddWithoutValidation("dapr-api-token", appToken);
        return request;
    }

    public static ByteArrayContent Content(byte[] body, string contentType) =>
        new(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };

    /// <summary>Sends and reads the whole answer.</summary>
    /// <param name="stop">Cancels at once, and is then thrown; a timeout is an answer.</param>
    public async Task<AppResponse> SendAsync(HttpRequestMessage request, TimeSpan timeout, CancellationToken stop)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stop);
        attempt.CancelAfter(timeout);
        try
        {
            using var response = await _http.SendAsync(request, attempt.Token);
            return new AppResponse((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(attempt.Token));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new AppResponse(null, [], Problem: "the app did not answer in time");
        }
        catch (HttpRequestException problem)
        {
            var isAway = problem is { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException };
            return new AppResponse(null, [], isAway, problem.Message);
        }
        catch (IOException problem)
        {
            return new AppResponse(null, [], Problem: problem.Message);
        }
    }

    /// <summary>Sends and hands the answer over as soon as its head is there.</summary>
    public Task<HttpResponseMessage> ForwardAsync(HttpRequestMessage request, CancellationToken stop) => _http.SendAsync(request, stop);

    public void Dispose() => _http.Dispose();
}
