using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What a collector is told of a click, through every process that has to do with it.</summary>
public sealed class OneTrace(TracedPortal portal) : IClassFixture<TracedPortal>, IDisposable
{
    private const string Confirmed = "pooled-orders.pool-confirmed.v1";
    private const string Granted = "subsidies.aid-granted.v1";
    private readonly FinanceDesk desk = new(portal);
    private readonly MarketplaceClient api = new(portal.Address);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        desk.Dispose();
        api.Dispose();
    }

    [Fact]
    public async Task a_click_that_closes_a_pool_its_grants_and_what_comes_back_are_one_trace_without_a_gap()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        var pool = await desk.PoolAsync("Groupement suivi", programme);
        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Garage du Nord"), pool, 40);
        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Garage du Sud"), pool, 20);
        var page = await desk.SignInAsync(desk.Buyer);
        await page.GotoAsync($"/pilotage/{pool}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fermer le groupement" }).ClickAsync();
        await Assertions.Expect(page.Locator("p.note.good")).ToContainTextAsync("Le groupement est fermé");

        var click = await FoundAsync(span => span is { Service: "gateway", Kind: ReceivedSpan.Server, Parent: "" } && IsOf(span, "POST", $"/pilotage/{pool}"));
        var heard = await FoundAsync(span => span.Trace == click.Trace && span.Name == $"process {Granted}");
        await AssertWholeAsync(click.Trace);

        // From the last hop back to the click, each the parent of the one before.
        Assert.Equal(
            [
                $"pooled-orders consumer process {Granted}",
                $"subsidies producer publish {Granted}",
                $"subsidies server POST /events/{Confirmed}",
                $"pooled-orders producer publish {Confirmed}",
                $"pooled-orders server POST /api/pools/{pool}/close",
                $"gateway client POST /api/pools/{pool}/close",
                "gateway server proxy.forwarder",
                $"gateway server POST /api/pools/{pool}/close",
                $"gateway client POST /api/pools/{pool}/close",
                $"gateway server POST /pilotage/{pool}",
            ],
            Ancestry(heard).Select(Hop));

        var trace = Of(click.Trace);
        Assert.Equal(["gateway", "pooled-orders", "subsidies"], trace.Select(span => span.Service).Distinct().Order());
        Assert.Equal(click, Assert.Single(trace, span => span.Parent == ""));
        AssertStored(trace, "pooled-orders", $"pooled-orders server POST /api/pools/{pool}/close", "update pool set status = 'confirmed'");
        AssertStored(trace, "subsidies", $"subsidies server POST /events/{Confirmed}", "insert into aid_grant");
        AssertStored(trace, "pooled-orders", $"pooled-orders consumer process {Granted}", "aid_status = 'granted'");
        Assert.Contains(trace, span => Hop(span) == $"pooled-orders client POST /v1.0/publish/bulk/marketplace-bus/{Confirmed}");
        Assert.Contains(trace, span => Hop(span) == $"subsidies client POST /v1.0/publish/bulk/marketplace-bus/{Granted}");
    }

    [Fact]
    public async Task what_the_clock_closes_is_one_trace_from_there_to_the_grant_and_back()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        var pool = await desk.PoolAsync("Groupement à terme", programme);
        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Garage de l'Est"), pool, 55);
        var admin = new Account("admin", portal.Secrets.AdminEmail, portal.Secrets.AdminPassword);
        (await api.PostAsync("/api/local/clock", new JsonObject { ["advance"] = "P10DT1M" }, admin, Ct)).OrThrow();

        var closing = await FoundAsync(span => span.Name == "close due pool");
        var heard = await FoundAsync(span => span.Trace == closing.Trace && span.Name == $"process {Granted}");
        await AssertWholeAsync(closing.Trace);
        Assert.Contains(closing, Ancestry(heard));
    }

    [Fact]
    public async Task nothing_that_is_told_names_a_person_or_an_organisation_or_opens_anything()
    {
        const string Password = "une-longue-phrase-de-passe-7";
        var organisation = TestOrganisation.New();
        var account = new Account("business", $"rosalinde.{organisation.Siren}@example.org", Password);
        var body = new JsonObject
        {
            ["email"] = account.Email,
            ["password"] = account.Password,
            ["displayName"] = "Rosalinde Vandenbroucke",
            ["organisation"] = new JsonObject { ["kind"] = "business", ["name"] = "Friterie Traçabilité", ["siret"] = organisation.Siret, ["departement"] = "62", ["headcount"] = 4 },
        };
        (await api.PostAsync("/api/auth/register", body, null, Ct)).OrThrow();
        var page = await desk.SignInAsync(account);
        await page.GotoAsync("/packs?q=Rosalinde+Vandenbroucke");
        await page.GotoAsync("/nouveau-mot-de-passe?jeton=jeton-tenu-secret");
        (await api.GetAsync($"/api/subsidies/beneficiaries/{organisation.Siren}", desk.Finance, Ct)).OrThrow();
        (await api.GetAsync($"/api/auth/sessions?of={account.Email}", account, Ct)).OrThrow();
        await FoundAsync(span => span is { Service: "subsidies", Kind: ReceivedSpan.Server } && IsOf(span, "GET", "/api/subsidies/beneficiaries/*"));
        await FoundAsync(span => span is { Service: "gateway", Kind: ReceivedSpan.Server } && IsOf(span, "GET", "/nouveau-mot-de-passe"));

        var secrets = portal.Secrets;
        string[] known =
        [
            account.Email, "rosalinde", "Rosalinde", "Vandenbroucke", "Friterie", organisation.Siret, organisation.Siren, Password, "jeton-tenu-secret",
            "ville.example", "artois-cyber", "Artois Cyber", "Delattre", portal.Password, secrets.AdminEmail, secrets.AdminPassword,
            secrets.AppApiToken, secrets.DaprApiToken, secrets.StripeSecretKey, secrets.StripeWebhookSecret, "Bearer", "eyJhbGci", "CfDJ8", "whsec_", "FR76",
        ];
        var told = portal.Collector.Spans.Select(span => (What: $"{span.Service} {span.Name}", span.Content))
            .Concat(portal.Collector.Metrics.Select(text => (What: "metrics", Content: text)))
            .ToList();
        Assert.Equal(5, portal.Collector.Spans.Select(span => span.Service).Distinct().Count());
        foreach (var value in known)
        {
            Assert.DoesNotContain(told.Where(one => one.Content.Contains(value, StringComparison.Ordinal)).Select(one => $"{value} in {one.What}: {one.Content}"), _ => true);
        }

        Assert.All(portal.Collector.Spans, span => Assert.True(span.Attributes.GetValueOrDefault("url.query") is null or "*", span.Content));
        Assert.All(portal.Collector.Spans, span => Assert.DoesNotContain("user_agent.original", span.Attributes.Keys));
    }

    private List<ReceivedSpan> Of(string trace) => [.. portal.Collector.Spans.Where(span => span.Trace == trace)];

    private List<ReceivedSpan> Ancestry(ReceivedSpan span)
    {
        var byId = Of(span.Trace).ToDictionary(one => one.Id);
        var line = new List<ReceivedSpan>();
        for (var one = span; one is not null; one = byId.GetValueOrDefault(one.Parent))
        {
            line.Add(one);
        }

        return line;
    }

    /// <summary>In the words of a person: process, kind, and what for HTTP is the method and the path.</summary>
    private static string Hop(ReceivedSpan span)
    {
        var kind = span.Kind switch { ReceivedSpan.Server => "server", ReceivedSpan.Client => "client", ReceivedSpan.Producer => "producer", ReceivedSpan.Consumer => "consumer", _ => "internal" };
        var path = span.Attributes.TryGetValue("url.full", out var address) ? new Uri(address).AbsolutePath : span.Attributes.GetValueOrDefault("url.path");
        return $"{span.Service} {kind} {(path is null ? span.Name : $"{span.Attributes["http.request.method"]} {path}")}";
    }

    private static bool IsOf(ReceivedSpan span, string method, string path) =>
        span.Attributes.GetValueOrDefault("http.request.method") == method && span.Attributes.GetValueOrDefault("url.path") == path;

    private void AssertStored(List<ReceivedSpan> trace, string service, string below, string statement) =>
        Assert.Contains(trace, span => span.Service == service && span.Source == "Npgsql" && span.Content.Contains(statement, StringComparison.Ordinal) && Ancestry(span).Select(Hop).Contains(below));

    /// <summary>Every parent is in the trace but the root's.</summary>
    private async Task AssertWholeAsync(string trace)
    {
        for (var tries = 0; ; tries++)
        {
            var spans = Of(trace);
            var orphans = spans.Where(span => span.Parent != "" && spans.TrueForAll(one => one.Id != span.Parent)).Select(Hop).ToList();
            if (orphans.Count == 0 || tries == 100)
            {
                Assert.Empty(orphans);
                return;
            }

            await Task.Delay(200, Ct);
        }
    }

    private async Task<ReceivedSpan> FoundAsync(Predicate<ReceivedSpan> isIt)
    {
        for (var tries = 0; tries < 150; tries++)
        {
            if (portal.Collector.Spans.FirstOrDefault(span => isIt(span)) is { } found)
            {
                return found;
            }

            await Task.Delay(200, Ct);
        }

        throw new TimeoutException("No such span among " + string.Join('\n', portal.Collector.Spans.TakeLast(300).Select(span => $"{span.Trace} {Hop(span)}")));
    }
}
