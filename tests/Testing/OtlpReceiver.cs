using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Marketplace.Testing;

/// <summary>A span as a collector receives it.</summary>
/// <param name="Service">The process that it comes from.</param>
/// <param name="Source">The instrumentation, such as <c>Microsoft.AspNetCore</c>.</param>
/// <param name="Trace">Trace id, 32 hexadecimal digits.</param>
/// <param name="Id">Span id, 16 hexadecimal digits.</param>
/// <param name="Parent">The parent's span id; "" for a root.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</param>
/// <param name="Attributes">Those of text.</param>
/// <param name="Content">Its whole record as text, in which anything can be looked for.</param>
public sealed record ReceivedSpan(
    string Service, string Source, string Trace, string Id, string Parent, string Name, ulong Kind, IReadOnlyDictionary<string, string> Attributes, string Content)
{
    public const ulong Server = 2;
    public const ulong Client = 3;
    public const ulong Producer = 4;
    public const ulong Consumer = 5;
}

/// <summary>An OpenTelemetry collector in the test's process: OTLP over HTTP, as far as tests need it.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication web;

    private OtlpReceiver(WebApplication web)
    {
        this.web = web;
    }

    /// <summary>What has come so far.</summary>
    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    /// <summary>Exported metrics as text.</summary>
    public ConcurrentQueue<string> Metrics { get; } = new();

    /// <summary>The environment of a process that exports to here, often.</summary>
    public Dictionary<string, string> ForAProcess => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = web.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "100000",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    /// <summary>Listens on a free port.</summary>
    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver.web.MapPost("/v1/traces", async (HttpContext context) => receiver.Keep(await ReadAsync(context)));
        receiver.web.MapPost("/v1/metrics", async (HttpContext context) => receiver.Metrics.Enqueue(Encoding.UTF8.GetString((await ReadAsync(context)).Bytes)));
        await receiver.web.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private void Keep(Message request)
    {
        foreach (var resource in request.All(1))
        {
            var service = Attributes(resource.One(1), 1).GetValueOrDefault("service.name", "");
            foreach (var scope in resource.All(2))
            {
                foreach (var span in scope.All(2))
                {
                    Spans.Enqueue(new ReceivedSpan(
                        service, scope.One(1).Text(1), span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(6), Attributes(span, 9), Encoding.UTF8.GetString(span.Bytes)));
                }
            }
        }
    }

    private static Dictionary<string, string> Attributes(Message message, int field) =>
        message.All(field).ToDictionary(pair => pair.Text(1), pair => pair.One(2).Text(1));

    private static async Task<Message> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return new Message(body.ToArray());
    }

    /// <summary>A protobuf message, by field numbers (opentelemetry-proto, trace/v1).</summary>
    private sealed class Message
    {
        private readonly List<(int Field, byte[] Value, ulong Number)> fields = [];

        public Message(byte[] bytes)
        {
            Bytes = bytes;
            for (var at = 0; at < bytes.Length;)
            {
                var tag = Varint(ref at);
                var (number, length) = (tag & 7) switch
                {
                    0 => (Varint(ref at), 0),
                    1 => (0UL, 8),
                    2 => (0UL, (int)Varint(ref at)),
                    5 => (0UL, 4),
                    _ => throw new InvalidDataException("This is no protobuf message."),
                };
                fields.Add(((int)(tag >> 3), bytes[at..(at + length)], number));
                at += length;
            }
        }

        public byte[] Bytes { get; }

        public IEnumerable<Message> All(int field) => fields.Where(f => f.Field == field).Select(f => new Message(f.Value));

        public Message One(int field) => All(field).FirstOrDefault() ?? new Message([]);

        public string Text(int field) => Encoding.UTF8.GetString(Value(field));

        public string Hex(int field) => Convert.ToHexStringLower(Value(field));

        public ulong Number(int field) => fields.FirstOrDefault(f => f.Field == field).Number;

        private byte[] Value(int field) => fields.FirstOrDefault(f => f.Field == field).Value ?? [];

        private ulong Varint(ref int at)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = Bytes[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
