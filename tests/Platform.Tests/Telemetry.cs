using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Telemetry;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

/// <summary>What a collector receives over OTLP.</summary>
public sealed class Telemetry(TestPostgres postgres)
{
    [Fact]
    public async Task one_trace_goes_from_the_request_through_the_outbox_to_the_consumer()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var settings = sidecar.ForTheService.Concat(collector.ForAProcess).ToDictionary();
        await using var service = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync(), settings: settings);
        await sidecar.StartAsync(service);
        const string trace = "0af7651916cd43dd8448eb211c80319c";

        var note = await PostAsync(service, "/api/notes", """{"title":"Tracée","weight":1}""", trace);
        await PostAsync(service, note.Headers.Location + "/stamps", """{"ink":"blue"}""", trace);

        // A stamp is delivered in bulk, in a request that has no trace to continue.
        string[] stations = ["/api/notes", "publish notes.note-written.v1", "/events/notes.note-written.v1", "publish notes.note-stamped.v1", "process notes.note-stamped.v1", "insert into counted"];
        await Eventually.TrueAsync(
            () => Task.FromResult(stations.All(s => collector.Spans.Any(span => span.Trace == trace && span.Content.Contains(s, StringComparison.Ordinal)))),
            () => string.Join('\n', collector.Spans.Select(s => $"{s.Trace} {s.Content}")));
        await Eventually.TrueAsync(
            () => Task.FromResult(collector.Metrics.Any(m => m.Contains("http.server.request.duration", StringComparison.Ordinal) && m.Contains("notes", StringComparison.Ordinal))),
            () => "no metrics came");
        Assert.DoesNotContain(collector.Spans, s => s.Content.Contains("Bearer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task events_of_many_traces_in_one_delivery_go_on_in_each_of_their_own()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var settings = sidecar.ForTheService.Concat(collector.ForAProcess).ToDictionary();
        await using var service = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync(), settings: settings);
        string[] traces = ["1af7651916cd43dd8448eb211c80319c", "2af7651916cd43dd8448eb211c80319c", "3af7651916cd43dd8448eb211c80319c"];
        foreach (var trace in traces)
        {
            var note = await PostAsync(service, "/api/notes", """{"title":"Tracée","weight":1}""", trace);
            await PostAsync(service, note.Headers.Location + "/stamps", """{"ink":"blue"}""", trace);
        }

        // Only now, so that they are published and delivered together.
        await sidecar.StartAsync(service);
        await Eventually.TrueAsync(
            () => Task.FromResult(collector.Spans.Count(IsHeard) == traces.Length),
            () => string.Join('\n', collector.Spans.Select(s => $"{s.Trace} {s.Name}")));
        Assert.Equal(traces, collector.Spans.Where(IsHeard).Select(s => s.Trace).Order());
        foreach (var heard in collector.Spans.Where(IsHeard))
        {
            var told = Assert.Single(collector.Spans, s => s.Id == heard.Parent);
            Assert.Equal((heard.Trace, "publish notes.note-stamped.v1"), (told.Trace, told.Name));
        }

        // What is done for all of them together belongs to none of them.
        await Eventually.TrueAsync(() => Task.FromResult(collector.Spans.Any(IsStored)), () => "the database's span did not come");
        Assert.DoesNotContain(collector.Spans.Where(IsStored), s => traces.Contains(s.Trace));

        static bool IsHeard(ReceivedSpan span) => span.Name == "process notes.note-stamped.v1";

        static bool IsStored(ReceivedSpan span) => span.Content.Contains("insert into counted", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/subsidies/beneficiaries/732829320", "/api/subsidies/beneficiaries/*")]
    [InlineData("/api/subsidies/beneficiaries/732 829 320", "/api/subsidies/beneficiaries/*")]
    [InlineData("/api/subsidies/beneficiaries/732%20829%20320/x", "/api/subsidies/beneficiaries/*/x")]
    [InlineData("http://127.0.0.1:5104/a/73282932000074?q=Rosa", "http://127.0.0.1:5104/a/*?*")]
    [InlineData("/people/rosa%40example.org", "/people/*")]
    [InlineData("/nouveau-mot-de-passe?jeton=a/b", "/nouveau-mot-de-passe?*")]
    [InlineData("/api/pools/01890a5d-ac96-774b-bcce-b302099a8057/close", "/api/pools/01890a5d-ac96-774b-bcce-b302099a8057/close")]
    [InlineData("/api/subsidies/reports/2026", "/api/subsidies/reports/2026")]
    public void addresses_keep_our_own_ids_and_nobody_elses(string address, string shown) => Assert.Equal(shown, WithoutPersonalData.Hide(address));

    private static async Task<HttpResponseMessage> PostAsync(ServiceProcess service, string path, string json, string trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Identity.Staff(Roles.Buyer));
        request.Headers.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        var response = await service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return response;
    }
}
