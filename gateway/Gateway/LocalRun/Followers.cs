namespace Marketplace.Gateway.LocalRun;

/// <summary>
/// The processes that share the local clock (<c>LocalClock:Followers</c>: base addresses, separated by commas). Each reads
/// the moved clock, does what has become due and then answers.
/// </summary>
public sealed class Followers(IHttpClientFactory clients, IConfiguration configuration)
{
    /// <summary>For <see cref="IHttpClientFactory"/>.</summary>
    public const string Client = "followers";

    /// <summary>Tells all of them at once and waits; null when all followed, else who did not and why.</summary>
    public async Task<string?> FollowAsync(CancellationToken ct)
    {
        using var http = clients.CreateClient(Client);
        var addresses = (configuration["LocalClock:Followers"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var failures = (await Task.WhenAll(addresses.Select(a => TellAsync(http, a, ct)))).OfType<string>().ToList();
        return failures.Count == 0 ? null : string.Join(" ", failures);
    }

    private async Task<string?> TellAsync(HttpClient http, string address, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(address), "/local/clock"));
            request.Headers.TryAddWithoutValidation("dapr-api-token", configuration["APP_API_TOKEN"] ?? "");
            using var response = await http.SendAsync(request, ct);
            return response.IsSuccessStatusCode ? null : $"{address} answered {(int)response.StatusCode}.";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return $"{address} did not answer.";
        }
    }
}
