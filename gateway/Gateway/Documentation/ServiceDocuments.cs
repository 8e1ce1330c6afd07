using System.Text.Json;
using Marketplace.Gateway.Proxy;
using Marketplace.Gateway.Status;
using Marketplace.Platform.Hosting;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Marketplace.Gateway.Documentation;

/// <summary>The OpenAPI documents of the services and of the gateway itself, as they are now.</summary>
public sealed class ServiceDocuments(IHttpClientFactory clients, IConfiguration configuration, [FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider own)
{
    /// <summary>Names of all documents.</summary>
    public static readonly string[] Names = ["gateway", .. Neighbour.All.Select(n => n.Name)];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>One document; null when its service does not answer.</summary>
    public async Task<JsonElement?> ReadAsync(string name, CancellationToken ct)
    {
        if (name == "gateway")
        {
            var document = await own.GetOpenApiDocumentAsync(ct);
            return JsonSerializer.Deserialize<JsonElement>(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, ct));
        }

        using var http = clients.CreateClient(ShowStatus.Client);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        foreach (var instance in Neighbour.All.Single(n => n.Name == name).Addresses(configuration))
        {
            try
            {
                return JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(new Uri(instance, "/openapi.json"), patience.Token));
            }
            catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                continue;
            }
        }

        return null;
    }
}
