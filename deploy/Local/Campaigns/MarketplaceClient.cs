using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>
/// The public API over HTTP, as anyone may use it: signs in, waits when asked to (429), tries again what may not have
/// arrived (with the same idempotency key).
/// </summary>
public sealed class MarketplaceClient(Uri gateway) : IDisposable
{
    private const int MostAttempts = 6;
    private static readonly TimeSpan MostPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    public Task<ApiAnswer> GetAsync(string path, Account? who, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, who, ct);

    public Task<ApiAnswer> PostAsync(string path, JsonNode? body, Account? who, CancellationToken ct) => SendAsync(HttpMethod.Post, path, Json(body), who, ct);

    public Task<ApiAnswer> PutAsync(string path, JsonNode body, Account who, CancellationToken ct) => SendAsync(HttpMethod.Put, path, Json(body), who, ct);

    public Task<ApiAnswer> PutFileAsync(string path, byte[] file, string contentType, Account who, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, path, (file, contentType), who, ct);

    public Task<ApiAnswer> PostFileAsync(string path, byte[] file, string contentType, Account who, CancellationToken ct) =>
        SendAsync(HttpMethod.Post, path, (file, contentType), who, ct);

    /// <summary>Every item of a list, page after page.</summary>
    public async Task<List<JsonElement>> ListAsync(string path, Account? who, CancellationToken ct)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = (await GetAsync($"{path}{(path.Contains('?') ? '&' : '?')}limit=200{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}", who, ct)).OrThrow();
            items.AddRange(page.Body.GetProperty("items").EnumerateArray());
            cursor = page.Text("nextCursor");
        }
        while (cursor is not null);
        return items;
    }

    public void Dispose() => http.Dispose();

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, (byte[] Bytes, string Type)? body, Account? who, CancellationToken ct)
    {
        var idempotencyKey = method == HttpMethod.Post ? Guid.NewGuid().ToString() : null;
        var patience = System.Diagnostics.Stopwatch.StartNew();
        var signedInAgain = false;
        for (var attempt = 1; ; attempt++)
        {
            var last = attempt >= MostAttempts || patience.Elapsed > MostPatience;
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (body is { } file)
                {
                    request.Content = new ByteArrayContent(file.Bytes);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(file.Type);
                }

                if (idempotencyKey is not null)
                {
                    request.Headers.Add("Idempotency-Key", idempotencyKey);
                }

                if (who is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(who, ct));
                }

                using var response = await http.SendAsync(request, ct);
                if (response.StatusCode == HttpStatusCode.TooManyRequests && patience.Elapsed < MostPatience)
                {
                    attempt--;
                    await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), ct);
                    continue;
                }

                if (response.StatusCode == HttpStatusCode.Unauthorized && who is not null && !signedInAgain)
                {
                    signedInAgain = true;
                    who.Token = null;
                    continue;
                }

                if (last || response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
                {
                    var content = await response.Content.ReadAsByteArrayAsync(ct);
                    return new ApiAnswer($"{method} {path}", response.StatusCode, Parse(content)) { Content = content };
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                if (last)
                {
                    throw new RefusedException($"{method} {path} was not answered: {e.Message}");
                }
            }

            await Task.Delay(Pause, ct);
        }
    }

    private async Task<string> TokenAsync(Account who, CancellationToken ct)
    {
        await who.SignsIn.WaitAsync(ct);
        try
        {
            if (who.Token is null || who.TokenEnds < TimeProvider.System.GetUtcNow())
            {
                var answer = (await PostAsync("/api/auth/token", new JsonObject { ["email"] = who.Email, ["password"] = who.Password }, null, ct)).OrThrow();
                who.Token = answer.Text("accessToken");
                who.TokenEnds = TimeProvider.System.GetUtcNow().AddSeconds(answer.Body.GetProperty("expiresIn").GetInt32() * 0.8);
            }

            return who.Token!;
        }
        finally
        {
            who.SignsIn.Release();
        }
    }

    private static (byte[], string)? Json(JsonNode? body) => body is null ? null : (Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json");

    private static JsonElement Parse(byte[] text)
    {
        try
        {
            return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
