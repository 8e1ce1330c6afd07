using System.Net;
using System.Net.Sockets;
using Marketplace.LocalSidecar.Delivery;
using Marketplace.LocalSidecar.Storage;
using Npgsql;

namespace Marketplace.LocalSidecar.Subscriptions;

/// <summary>
/// Waits for the app's port, asks for its subscriptions, and lets deliveries flow for as long as the app is there. daprd asks once in
/// its life; the local run restarts apps under a living sidecar, so here each return of the app counts as a new start.
/// An idle connection tells when the app goes: it closes with the process, without any polling. A server that closes idle connections
/// (Kestrel after 130 s) is merely asked again.
/// </summary>
internal sealed class WatchApp(
    LocalApp app, DeliveryQueue queue, DiscoverSubscriptions discover, ConsumerGroups groups, AppChannel channel, SidecarSettings settings, ILogger log)
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await ConnectAsync(stop);
                app.Seen();
                await UntilHealthyAsync(stop);
                if (await discover.AskAsync(app, stop) is { } subscriptions)
                {
                    await groups.RegisterAsync(app.AppId, [.. subscriptions.Select(one => (one.PubSub, one.Topic)).Distinct()], stop);
                    app.GoLive(subscriptions);
                    queue.FallBehind();
                    log.LogInformation("{App}: listens on {Port}, {Count} subscriptions", app.AppId, app.Settings.AppPort, subscriptions.Count);
                    await UntilGoneAsync(connection, stop);
                }
                else
                    await Task.Delay(Retry, stop);
            }
            catch (OperationCanceledException)
            {
            }
            catch (NpgsqlException problem)
            {
                log.LogWarning("{App}: subscriptions could not be stored: {Problem}", app.AppId, problem.Message);
                await Task.Delay(Retry, CancellationToken.None);
            }
            finally
            {
                app.GoAway();
            }
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken stop)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
                patience.CancelAfter(TimeSpan.FromMilliseconds(500));
                await socket.ConnectAsync(IPAddress.Loopback, app.Settings.AppPort, patience.Token);
                // A port that nobody listens on can be chosen as the source port too: then the socket has found itself.
                if (!Equals(socket.LocalEndPoint, socket.RemoteEndPoint))
                    return socket;
            }
            catch (Exception problem) when (problem is SocketException || (problem is OperationCanceledException && !stop.IsCancellationRequested))
            {
            }
            catch
            {
                socket.Dispose();
                throw;
            }
            socket.Dispose();
            await Task.Delay(Retry, stop);
        }
    }

    private async Task UntilHealthyAsync(CancellationToken stop)
    {
        while (app.Settings.HealthCheckPath is not null && !await IsHealthyAsync(stop))
            await Task.Delay(Retry, stop);
    }

    private async Task UntilGoneAsync(Socket connection, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var closed = ClosedAsync(connection, ended.Token);
        var unhealthy = app.Settings.HealthCheckPath is null ? Task.Delay(Timeout.Infinite, ended.Token) : UnhealthyAsync(ended.Token);
        await Task.WhenAny(closed, unhealthy);
        await ended.CancelAsync();
        await Task.WhenAll(closed, unhealthy).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task ClosedAsync(Socket connection, CancellationToken stop)
    {
        try
        {
            var buffer = new byte[64];
            while (await connection.ReceiveAsync(buffer, stop) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }
    }

    private async Task UnhealthyAsync(CancellationToken stop)
    {
        for (var failures = 0; failures < settings.HealthThreshold;)
        {
            await Task.Delay(settings.HealthInterval, stop);
            failures = await IsHealthyAsync(stop) ? 0 : failures + 1;
        }
        log.LogWarning("{App}: unhealthy", app.AppId);
    }

    private async Task<bool> IsHealthyAsync(CancellationToken stop)
    {
        using var request = channel.Request(HttpMethod.Get, app, app.Settings.HealthCheckPath!, withToken: false);
        return (await channel.SendAsync(request, settings.HealthTimeout, stop)).StatusCode is >= 200 and <= 299;
    }
}
