using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.Platform.Requests;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Portal.Api;

/// <summary>
/// The public API on behalf of the reader. The portal is a client of it like any other: what its pages can do, anyone's
/// program can, and no right is checked here that a service does not check itself.
/// </summary>
public sealed class MarketplaceApi(HttpClient http, IHttpContextAccessor accessor, PortalAddress address)
{
    /// <summary>Where the signed-in reader's access token lies in the session.</summary>
    public const string AccessToken = "access_token";

    private string? given;

    /// <summary>Reads.</summary>
    public Task<ApiAnswer<T>> GetAsync<T>(string path) => SendAsync<T>(HttpMethod.Get, path, null, null);

    /// <summary>Does something. With <paramref name="key"/>, sent twice it is done once.</summary>
    public Task<ApiAnswer<T>> PostAsync<T>(string path, object? body = null, string? key = null) => SendAsync<T>(HttpMethod.Post, path, body, key);

    /// <summary>Replaces something; with <paramref name="version"/>, only what is still of that version.</summary>
    public Task<ApiAnswer<T>> PutAsync<T>(string path, object body, int? version = null) => SendAsync<T>(HttpMethod.Put, path, body, null, version);

    /// <summary>Changes a part of something.</summary>
    public Task<ApiAnswer<T>> PatchAsync<T>(string path, object body) => SendAsync<T>(HttpMethod.Patch, path, body, null);

    /// <summary>Ends or removes something.</summary>
    public Task<ApiAnswer<T>> DeleteAsync<T>(string path) => SendAsync<T>(HttpMethod.Delete, path, null, null);

    /// <summary>From now on, asks for whom the token was just given; the cookie that holds it comes with the answer only.</summary>
    public void ActFor(string accessToken) => given = accessToken;

    /// <summary>All pages of a list, up to <paramref name="most"/> items.</summary>
    public async Task<ApiAnswer<IReadOnlyList<T>>> ListAsync<T>(string path, int most = 1_000)
    {
        var items = new List<T>();
        string? cursor = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync<ApiPage<T>>($"{path}{separator}limit=200{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            if (page.Value is null)
            {
                return new ApiAnswer<IReadOnlyList<T>>(page.Status, null, page.Problem);
            }

            items.AddRange(page.Value.Items);
            cursor = page.Value.NextCursor;
        }
        while (cursor is not null && items.Count < most);
        return new ApiAnswer<IReadOnlyList<T>>(200, items, null);
    }

    private async Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, object? body, string? key, int? version = null)
    {
        var context = accessor.HttpContext!;
        using var request = new HttpRequestMessage(method, new Uri(address.Api, path));
        if ((given ?? await context.GetTokenAsync(AccessToken)) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", $"\"{version}\"");
        }

        address.Introduce(request, context);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, body.GetType(), options: Json.Options);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (!response.IsSuccessStatusCode)
        {
            return new ApiAnswer<T>((int)response.StatusCode, default, await ProblemAsync(response, context.RequestAborted));
        }

        return response.Content.Headers.ContentLength == 0 || response.StatusCode == System.Net.HttpStatusCode.NoContent
            ? new ApiAnswer<T>((int)response.StatusCode, default, null)
            : new ApiAnswer<T>((int)response.StatusCode, await response.Content.ReadFromJsonAsync<T>(Json.Options, context.RequestAborted), null);
    }

    private static async Task<ApiProblem> ProblemAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        try
        {
            return await response.Content.ReadFromJsonAsync<ApiProblem>(Json.Options, ct) ?? new ApiProblem(null, null, status, null, null);
        }
        catch (JsonException)
        {
            return new ApiProblem(null, null, status, null, null);
        }
    }
}
