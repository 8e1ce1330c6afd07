using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Marketplace.Platform.Tests;

/// <summary>What a collector receives over OTLP.</summary>
public sealed class Telemetry(TestPostgres postgres)
{
    [Fact]
    public async Task one_trace_goes_from_the_request_through_the_outbox_to_the_consumer()
    {
        await using var collector = await Collector.StartAsync();
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var settings = new Dictionary<string, string>(sidecar.ForTheService)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        };
        await using var service = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync(), settings: settings);
        await sidecar.StartAsync(service);
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = new StringContent("""{"title":"Tracée","weight":1}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Identity.Staff(Roles.Buyer));
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        using var response = await service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);

        string[] stations = ["/api/notes", "publish notes.note-written.v1", "/events/notes.note-written.v1"];
        await Eventually.TrueAsync(
            () => Task.FromResult(stations.All(s => collector.Spans.Any(span => span.Trace == trace && span.Content.Contains(s, StringComparison.Ordinal)))),
            () => string.Join('\n', collector.Spans.Select(s => $"{s.Trace} {s.Content}")));
        await Eventually.TrueAsync(
            () => Task.FromResult(collector.Metrics.Any(m => m.Contains("http.server.request.duration", StringComparison.Ordinal) && m.Contains("notes", StringComparison.Ordinal))),
            () => "no metrics came");
        Assert.DoesNotContain(collector.Spans, s => s.Content.Contains("Bearer", StringComparison.Ordinal));
    }

    /// <summary>A span's trace id, and its whole record as text, in which names and attributes can be looked for.</summary>
    private sealed record Span(string Trace, string Content);

    /// <summary>OTLP over HTTP, as far as a test needs it.</summary>
    private sealed class Collector(WebApplication web) : IAsyncDisposable
    {
        public ConcurrentQueue<Span> Spans { get; } = new();

        public ConcurrentQueue<string> Metrics { get; } = new();

        public string Address => web.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            await collector.ListenAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => web.DisposeAsync();

        private Task ListenAsync()
        {
            web.MapPost("/v1/traces", async (HttpContext context) =>
            {
                // ExportTraceServiceRequest.resource_spans[1].scope_spans[2].spans[2]; a span's field 1 is its trace id.
                foreach (var span in Fields(await ReadAsync(context), 1).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2)))
                {
                    Spans.Enqueue(new Span(Convert.ToHexStringLower(Fields(span, 1).Single()), Encoding.UTF8.GetString(span)));
                }
            });
            web.MapPost("/v1/metrics", async (HttpContext context) => Metrics.Enqueue(Encoding.UTF8.GetString(await ReadAsync(context))));
            return web.StartAsync();
        }

        private static async Task<byte[]> ReadAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            return body.ToArray();
        }

        /// <summary>The values of a protobuf message's length-delimited field.</summary>
        private static List<byte[]> Fields(byte[] message, int number)
        {
            var found = new List<byte[]>();
            for (var at = 0; at < message.Length;)
            {
                var tag = Varint(message, ref at);
                switch (tag & 7)
                {
                    case 0:
                        Varint(message, ref at);
                        break;
                    case 1:
                        at += 8;
                        break;
                    case 2:
                        var length = (int)Varint(message, ref at);
                        if ((int)(tag >> 3) == number)
                        {
                            found.Add(message[at..(at + length)]);
                        }

                        at += length;
                        break;
                    case 5:
                        at += 4;
                        break;
                    default:
                        throw new InvalidDataException("This is no protobuf message.");
                }
            }

            return found;
        }

        private static ulong Varint(byte[] message, ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
