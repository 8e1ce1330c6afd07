using System.Diagnostics;
using System.Text;

namespace Marketplace.Conformance.Bench;

/// <summary>The sidecar as a process of its own, for tests that end it.</summary>
public sealed class SidecarProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private SidecarProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<SidecarProcess> StartAsync(SidecarBench bench)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LocalSidecar.dll"), .. bench.Arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        var sidecar = new SidecarProcess(Process.Start(start)!);
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.False(sidecar._process.HasExited, $"the sidecar ended: {sidecar.Output}");
                try
                {
                    return (await bench.Http.GetAsync(bench.Url("/v1.0/healthz/outbound"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            () => $"the sidecar does not answer: {sidecar.Output}");
        return sidecar;
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Ends it between any two instructions.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }
}
