using System.Net;
using System.Net.Sockets;

namespace Marketplace.Local.Processes;

/// <summary>Waits until a process serves.</summary>
internal sealed class Readiness(TimeSpan patience) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Returns at the first success of the process's <see cref="ProcessPlan.ReadyAt"/>.</summary>
    /// <exception cref="CannotStartException">It died, or took longer than the patience.</exception>
    public async Task WaitAsync(ChildProcess child, CancellationToken ct)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var address = child.Plan.ReadyAt;
        var listens = false;
        while (!(listens = listens || await ListensAsync(address.Port, ct)) || !await AnswersAsync(address, ct))
        {
            if (child.HasExited)
            {
                // The last words come through a pipe, and may come after the end.
                await Task.Delay(200, ct);
                throw new CannotStartException($"{child.Plan.Name} ended during the start. Its last lines:{Environment.NewLine}{child.LastLines()}");
            }

            if (clock.Elapsed > patience)
            {
                throw new CannotStartException($"{child.Plan.Name} was not ready after {patience.TotalSeconds:0} s. Its last lines:{Environment.NewLine}{child.LastLines()}");
            }

            await Task.Delay(Interval, ct);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>A bare connection attempt: a refused one costs next to nothing, where HttpClient would throw three exceptions.</summary>
    private static async Task<bool> ListensAsync(int port, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        attempt.Completed += (_, _) => done.TrySetResult();
        if (socket.ConnectAsync(attempt))
        {
            await done.Task.WaitAsync(ct);
        }

        return attempt.SocketError == SocketError.Success;
    }

    private async Task<bool> AnswersAsync(Uri address, CancellationToken ct)
    {
        try
        {
            using var answer = await http.GetAsync(address, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
