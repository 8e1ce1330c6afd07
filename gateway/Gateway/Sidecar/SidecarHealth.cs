using Marketplace.Platform.Messages;

namespace Marketplace.Gateway.Sidecar;

/// <summary>
/// Whether the sidecar answers. It is told and decides nothing: without its sidecar the gateway serves as before, and
/// notifications come later.
/// </summary>
public sealed class SidecarHealth(IConfiguration configuration, DaprClient dapr)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>False when it does not answer within half a second; null when the gateway has none (<see cref="AppChannel"/>).</summary>
    public async Task<bool?> AskAsync(CancellationToken ct)
    {
        if (AppChannel.Port(configuration) is null)
        {
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            return await dapr.CheckOutboundHealthAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
