using Marketplace.Testing;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>The official Node SDK, an independent reader of Stripe's contract, drives the simulator.</summary>
public sealed class NodeSdkTests(Simulator simulator) : IClassFixture<Simulator>
{
    private static readonly NodeFolder Node = new("node");

    [Fact]
    public async Task the_official_node_sdk_works_against_the_simulator()
    {
        var output = await Node.RunAsync("conformance.mjs", simulator.Address.Host, $"{simulator.Address.Port}", Simulator.Key);
        Assert.EndsWith("all passed", output.Trim(), StringComparison.Ordinal);
    }
}
