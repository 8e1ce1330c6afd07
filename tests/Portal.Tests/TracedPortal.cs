using Marketplace.Local.Processes;
using Marketplace.Testing;

namespace Marketplace.Portal.Tests;

/// <summary>A marketplace of its own, whose processes tell a collector what they do.</summary>
public sealed class TracedPortal : PortalFixture
{
    /// <summary>What they told.</summary>
    public OtlpReceiver Collector { get; private set; } = null!;

    protected override IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Settings =>
        ((string[])[Ports.Gateway, Ports.Catalog, Ports.PooledOrders, Ports.Accreditation, Ports.Subsidies])
        .ToDictionary(name => name, _ => (IReadOnlyDictionary<string, string>)Collector.ForAProcess);

    public override async ValueTask InitializeAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Collector.DisposeAsync();
    }
}
