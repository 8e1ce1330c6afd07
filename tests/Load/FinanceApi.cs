using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Load;

/// <summary>What finance staff send to the service; anything but success ends the benchmark.</summary>
internal sealed class FinanceApi(ServiceProcess service) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = service.Http.BaseAddress, Timeout = TimeSpan.FromMinutes(10) };
    private readonly string finance = service.Identity.Staff(Roles.Finance);

    /// <summary>Somebody else of finance.</summary>
    public string OtherFinance { get; } = service.Identity.Staff(Roles.Finance);

    public async Task<JsonElement> PostAsync(string path, string? json, string? token = null) =>
        await ReadAsync(Request(HttpMethod.Post, path, token, json is null ? null : new StringContent(json, Encoding.UTF8, "application/json")));

    public Task<JsonElement> GetAsync(string path) => ReadAsync(Request(HttpMethod.Get, path));

    public async Task<JsonElement> UploadAsync(string path, string file)
    {
        await using var content = File.OpenRead(file);
        var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        return await ReadAsync(Request(HttpMethod.Post, path, content: body));
    }

    public async Task DownloadAsync(string path, string file)
    {
        using var answer = await SendAsync(Request(HttpMethod.Get, path));
        await using var target = File.Create(file);
        await answer.Content.CopyToAsync(target);
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, string? token = null, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? finance);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return request;
    }

    private async Task<JsonElement> ReadAsync(HttpRequestMessage request)
    {
        using var answer = await SendAsync(request);
        return (await JsonSerializer.DeserializeAsync<JsonElement>(await answer.Content.ReadAsStreamAsync()))!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return answer.IsSuccessStatusCode
                ? answer
                : throw new InvalidOperationException($"{request.Method} {request.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}\n{service.Output}");
        }
    }
}
