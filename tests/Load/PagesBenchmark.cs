using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;

namespace Marketplace.Load;

/// <summary>
/// Time to the first byte of the portal's public pages, warm, at a steady rate on a marketplace with the demonstration
/// campaign and open pools, beside an endpoint of the same gateway that does nothing (<c>/health/live</c>) in the same
/// rounds; and what a first visit transfers. Each request has its moment, whether the one before is answered or not, and
/// its time is counted from that moment. Machines are noisy: read the ratio.
/// </summary>
internal static partial class PagesBenchmark
{
    private const string Bare = "/health/live";
    private static readonly string[] Pages = ["/", "/groupements", "/packs", "/prestataires", "/financements"];

    public static async Task<int> RunAsync(int perSecond, int seconds, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("marketplace-load-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        try
        {
            await using var marketplace = await LocalMarketplace.StartAsync(new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), RateLimits = false });
            await PlayCampaign.RunAsync(marketplace, ReadCampaign.FromFile(Checkout.DemonstrationCampaign), null, default);
            await OpenPoolsAsync(marketplace, 6);
            await MeasureAsync(marketplace.Gateway, perSecond, seconds, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(Uri gateway, int perSecond, int seconds, int rounds)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 256 }) { BaseAddress = gateway };
        http.DefaultRequestHeaders.Add("Accept-Encoding", "br, gzip");
        http.DefaultRequestHeaders.Add("Accept-Language", "fr");
        Say($"{perSecond} requests a second to one page at a time, {seconds} s each, {Environment.ProcessorCount} cores shared by PostgreSQL, all processes and this load generator");
        string[] paths = [Bare, .. Pages];
        foreach (var path in paths)
        {
            await RunAsync(http, path, perSecond, 4);
        }

        var measured = paths.ToDictionary(p => p, _ => new List<double[]>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var path in paths)
            {
                measured[path].Add(await RunAsync(http, path, perSecond, seconds));
            }
        }

        var bare = measured[Bare].Min(m => At(m, 0.50));
        foreach (var path in paths)
        {
            var best = measured[path].MinBy(m => At(m, 0.50))!;
            Say($"{path,-14} first byte  p50 {At(best, 0.50),6:0.0} ms   p95 {At(best, 0.95),6:0.0} ms   p99 {At(best, 0.99),6:0.0} ms   ratio of the p50 to the bare endpoint's {(At(best, 0.50) / bare).ToString("0.0", CultureInfo.InvariantCulture)}");
        }

        Say($"first byte of the slowest page: p50 {Pages.Max(p => measured[p].Min(m => At(m, 0.50))).ToString("0.0", CultureInfo.InvariantCulture)} ms (aim: below 20)");
        await WeighAsync(http);
    }

    /// <summary>Milliseconds from each request's moment to the first byte of its answer, sorted.</summary>
    private static async Task<double[]> RunAsync(HttpClient http, string path, int perSecond, int seconds)
    {
        var answers = new Task<double>[perSecond * seconds];
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < answers.Length; i++)
        {
            var moment = TimeSpan.FromSeconds((double)i / perSecond);
            while (watch.Elapsed < moment)
            {
                // The timer's own steps are a millisecond: the last one is waited for without it.
                if (moment - watch.Elapsed > TimeSpan.FromMilliseconds(2))
                {
                    await Task.Delay(1);
                }
                else
                {
                    Thread.Yield();
                }
            }

            answers[i] = AskAsync(http, path, watch, moment);
        }

        var milliseconds = await Task.WhenAll(answers);
        Array.Sort(milliseconds);
        return milliseconds;
    }

    private static async Task<double> AskAsync(HttpClient http, string path, Stopwatch watch, TimeSpan moment)
    {
        using var answer = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        var milliseconds = (watch.Elapsed - moment).TotalMilliseconds;
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null);
        return milliseconds;
    }

    /// <summary>What a first visit transfers: the page and what it names, with the headers, as a browser asks for them.</summary>
    private static async Task WeighAsync(HttpClient http)
    {
        var (page, html) = await BytesAsync(http, "/");
        var (all, scripts) = (page, 0);
        foreach (var asset in Assets().Matches(html).Select(m => m.Value).Distinct())
        {
            var (bytes, _) = await BytesAsync(http, asset);
            all += bytes;
            scripts += asset.EndsWith(".js", StringComparison.Ordinal) ? bytes : 0;
        }

        Say($"first visit: {all / 1000.0:0.0} kB transferred (aim: below 60), of which the page {page / 1000.0:0.0} kB and scripts {scripts / 1000.0:0.0} kB (aim: below 20)");
    }

    private static async Task<(int Bytes, string Text)> BytesAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsByteArrayAsync();
        var headers = Encoding.UTF8.GetByteCount($"HTTP/1.1 200 OK\r\n{answer.Headers}{answer.Content.Headers}\r\n");
        return (headers + body.Length, answer.Content.Headers.ContentEncoding.Contains("br") ? await PlainAsync(body) : Encoding.UTF8.GetString(body));
    }

    private static async Task<string> PlainAsync(byte[] brotli)
    {
        await using var stream = new System.IO.Compression.BrotliStream(new MemoryStream(brotli), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Open pools on the campaign's packs, so that lists have something to show.</summary>
    private static async Task OpenPoolsAsync(LocalMarketplace marketplace, int count)
    {
        using var api = new MarketplaceClient(marketplace.Gateway);
        var buyer = new Account("buyer", "achats@ville.example", marketplace.Secrets.CampaignPassword);
        var packs = await api.ListAsync("/api/catalog/packs", null, default);
        for (var i = 0; i < count; i++)
        {
            var pack = packs[i % packs.Count];
            (await api.PostAsync("/api/pools", new JsonObject
            {
                ["packId"] = pack.GetProperty("id").GetString(),
                ["title"] = $"Groupement {i + 1}",
                ["closesAt"] = marketplace.Now.AddDays(10 + i).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["maxQuantity"] = Math.Min(500, pack.GetProperty("capacity").GetInt32()),
                ["territories"] = new JsonArray([.. pack.GetProperty("territories").EnumerateArray().Select(t => (JsonNode)t.GetString()!)]),
                ["programmeIds"] = new JsonArray(),
            }, buyer, default)).OrThrow();
        }
    }

    private static double At(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    private static void Say(string line) => Console.WriteLine(line);

    [GeneratedRegex("""/assets/[^"]+""")]
    private static partial Regex Assets();
}
