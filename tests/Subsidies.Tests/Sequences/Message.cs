using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marketplace.Events.PooledOrders;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>Something that is sent to the service, and sent again unchanged when no answer came.</summary>
public abstract record Message
{
    /// <summary>Sends it; an answer that no client may ever get fails the test.</summary>
    public abstract Task<Reply> SendAsync(ServiceProcess service);

    /// <summary>The end of what the service printed.</summary>
    protected static string Last(string output) => output[^Math.Min(output.Length, 4_000)..];
}

/// <summary>What came back.</summary>
/// <param name="Status">Of the answer.</param>
/// <param name="Body">Of the answer, as it was sent.</param>
/// <param name="Again">The service asks for it again, later.</param>
/// <param name="Replayed">It is the answer of an earlier request with this key.</param>
public sealed record Reply(HttpStatusCode Status, string Body, bool Again, bool Replayed);

/// <summary>A fact of another service, as the bus delivers it.</summary>
public sealed record Told(object Fact, Guid EventId) : Message
{
    public override async Task<Reply> SendAsync(ServiceProcess service)
    {
        var status = await service.DeliverAsync(Fact, EventId, bulk: Fact is CommitmentPlaced or CommitmentPaid or DeliveryAccepted);

        // Only an acceptance may come too early: everything else has to be kept, whatever came before it.
        Assert.True(status == HttpStatusCode.OK || Fact is DeliveryAccepted, $"{status} to {Fact}\n{Last(service.Output)}");
        return new Reply(status, "", status != HttpStatusCode.OK, Replayed: false);
    }
}

/// <summary>A request of finance staff with its idempotency key.</summary>
public sealed record Asked(HttpMethod Method, string Path, string Body, string Token, string Key, string Type = "application/json") : Message
{
    public static Asked Json(HttpMethod method, string path, object body, string token, string key) => new(method, $"/api/subsidies/{path}", JsonSerializer.Serialize(body), token, key);

    public override async Task<Reply> SendAsync(ServiceProcess service)
    {
        using var request = new HttpRequestMessage(Method, Path);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(Type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        request.Headers.Add("Idempotency-Key", Key);
        using var response = await service.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.Conflict, $"{(int)response.StatusCode} to {Method} {Path} {Body}: {text}\n{Last(service.Output)}");
        return new Reply(response.StatusCode, text, Again: false, response.Headers.Contains("Idempotency-Replayed"));
    }
}
