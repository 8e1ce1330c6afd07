namespace Marketplace.Gateway.Proxy;

/// <summary>A service behind the gateway.</summary>
/// <param name="Name">Its name in <c>/api/openapi/{name}.json</c> and <c>/api/status</c>.</param>
/// <param name="Setting">The configuration key of its addresses; several instances are separated by commas.</param>
/// <param name="Paths">What it serves, forwarded unchanged with everything below.</param>
public sealed record Neighbour(string Name, string Setting, string[] Paths)
{
    /// <summary>All of them (API.md). What is not listed here, such as <c>/internal</c> or <c>/events</c>, cannot be reached from outside.</summary>
    public static readonly Neighbour[] All =
    [
        new("accreditation", "Services:Accreditation", ["/api/accreditation"]),
        new("catalog", "Services:Catalog", ["/api/catalog"]),
        new("pooled-orders", "Services:PooledOrders", ["/api/pools", "/api/commitments", "/api/webhooks/stripe"]),
        new("subsidies", "Services:Subsidies", ["/api/subsidies"]),
    ];

    /// <summary>The base addresses of its instances; none when it is not configured.</summary>
    /// <exception cref="InvalidOperationException">One is not an absolute http(s) address.</exception>
    public IReadOnlyList<Uri> Addresses(IConfiguration configuration) =>
        (configuration[Setting] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new InvalidOperationException($"{Setting} holds {a}, which is not an http address."))
            .ToList();
}
