using System.Net;
using Marketplace.Testing;
using static Marketplace.Catalog.Tests.TestProvider;

namespace Marketplace.Catalog.Tests;

/// <summary>A small catalog that the searches share; tests add nothing to it that others could find.</summary>
public sealed class StockedCatalog(TestPostgres postgres) : IAsyncLifetime
{
    private readonly CatalogService service = new(postgres);

    public ServiceProcess Process => service.Process;

    public TestProvider Artois { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await service.InitializeAsync();
        Artois = await service.AccreditedAsync("Artois Cyber Services");
        var nord = await service.AccreditedAsync("Nord Sauvegarde");
        await Artois.ListedAsync();
        await Artois.ListedAsync(
            ("name", "Pare-feu de base installé, par site"), ("description", "Cœur de réseau protégé ; œuvre d'un technicien local"), ("category", "firewall"), ("unit", "site"),
            ("listPriceCents", 118000), ("tiers", new[] { Tier(10, 109900), Tier(25, 96000) }), ("territories", new[] { "62" }), ("attributes", null));
        await Artois.ListedAsync(
            ("name", "Audit flash de cybersécurité"), ("description", "L'audit de l'entreprise selon ISO/IEC 27001"), ("category", "audit"), ("unit", "audit"),
            ("listPriceCents", 160000), ("tiers", new[] { Tier(5, 142000), Tier(15, 120001) }), ("territories", new[] { "62" }));
        await nord.ListedAsync(
            ("name", "Sauvegarde chiffrée hors site, par To"), ("description", "Données hébergées à Lille"), ("category", "encrypted-backup"), ("unit", "terabyte"),
            ("listPriceCents", 31900), ("tiers", new[] { Tier(10, 28900) }), ("attributes", new Dictionary<string, string> { ["qualification"] = "SecNumCloud" }));
        await Artois.DraftAsync(("name", "Brouillon secret"));
    }

    public ValueTask DisposeAsync() => service.DisposeAsync();
}

public sealed class SearchTests(StockedCatalog catalog) : IClassFixture<StockedCatalog>
{
    private const string Antivirus = "antivirus";
    private const string Firewall = "firewall";
    private const string Audit = "audit";
    private const string Backup = "encrypted-backup";

    [Theory]
    [InlineData("antivirus", Antivirus)]
    [InlineData("ANTIVIRUS MANAGÉ", Antivirus)]
    [InlineData("antivirus manage", Antivirus)]
    [InlineData("managées", Antivirus)]
    [InlineData("postes", Antivirus, "aucun")]
    [InlineData("détections", Antivirus)]
    [InlineData("pare-feu", Firewall)]
    [InlineData("parefeux", Firewall)]
    [InlineData("pare feux", Firewall)]
    [InlineData("coeur de réseaux", Firewall)]
    [InlineData("CŒUR", Firewall)]
    [InlineData("oeuvres", Firewall)]
    [InlineData("securite", "aucun")]
    [InlineData("cybersecurite", Audit)]
    [InlineData("l'entreprise", Audit)]
    [InlineData("l’audit", Audit)]
    [InlineData("iso 27001", Audit)]
    [InlineData("chiffre", Backup)]
    [InlineData("chiffrées", Backup)]
    [InlineData("chiffrement", Backup)]
    [InlineData("sauvegardes chiffrees", Backup)]
    [InlineData("chiffre\u0301e", Backup)]
    [InlineData("donnée hébergée", Backup)]
    [InlineData("secnumcloud", Backup)]
    [InlineData("nord", Backup)]
    [InlineData("firewall", Firewall)]
    [InlineData("la sauvegarde de", Backup)]
    [InlineData("sauvegarde antivirus", "aucun")]
    [InlineData("brouillon", "aucun")]
    public async Task words_are_found_whatever_their_accents_case_and_endings(string words, params string[] expected)
    {
        var found = await SearchAsync($"q={Uri.EscapeDataString(words)}");
        Assert.Equal(expected.Where(e => e != "aucun").Order(), Categories(found).Order());
    }

    [Theory]
    [InlineData("a", Antivirus, Audit)]
    [InlineData("antivir", Antivirus)]
    [InlineData("sauvegarde chif", Backup)]
    [InlineData("sauvegarde chiffrem", "aucun")]
    [InlineData("cybersé", Audit)]
    public async Task the_last_word_is_found_by_its_beginning(string words, params string[] expected)
    {
        var found = Categories(await SearchAsync($"q={Uri.EscapeDataString(words)}"));
        Assert.All(expected.Where(e => e != "aucun"), e => Assert.Contains(e, found));
        Assert.Equal(expected.Contains("aucun"), found.Count == 0);
    }

    [Theory]
    [InlineData("'")]
    [InlineData("\"antivirus\" & | ! :* <-> ( )")]
    [InlineData("\\ %_ ';drop table pack;--")]
    [InlineData("🙂")]
    [InlineData("🙂 antivirus 🛡️")]
    [InlineData("\u202e\ufeff\u0301")]
    [InlineData("日本語 кибер")]
    [InlineData("1e400 -5 0x1F a@b.fr https://exemple.fr/x?y=z")]
    [InlineData("   ")]
    public async Task no_words_make_the_search_fail(string words) => await SearchAsync($"q={Uri.EscapeDataString(words)}");

    [Fact]
    public async Task what_holds_no_word_at_all_finds_nothing_and_blank_words_ask_for_nothing()
    {
        Assert.Empty(Categories(await SearchAsync($"q={Uri.EscapeDataString("🙂 ?!")}")));
        Assert.Equal(4, Categories(await SearchAsync("q=%20&category=&territory=&sort=")).Count);
    }

    [Fact]
    public async Task a_name_is_more_relevant_than_a_description()
    {
        var found = await SearchAsync("q=site");
        Assert.Equal([Firewall, Backup], Categories(found).Take(2).Order().Reverse());
        Assert.Equal(Audit, Categories(await SearchAsync("q=audit"))[0]);
    }

    [Theory]
    [InlineData("category=firewall", Firewall)]
    [InlineData("unit=seat", Antivirus)]
    [InlineData("territory=59", Antivirus, Backup)]
    [InlineData("territory=75")]
    [InlineData("maxPriceCents=28900", Antivirus, Backup)]
    [InlineData("maxPriceCents=28899", Antivirus)]
    [InlineData("maxPriceCents=0")]
    [InlineData("q=nord&category=audit")]
    public async Task filters_narrow_the_result(string query, params string[] expected) =>
        Assert.Equal(expected.Order(), Categories(await SearchAsync(query)).Order());

    [Fact]
    public async Task a_provider_sees_its_own_packs_of_every_status_and_others_only_what_is_listed()
    {
        var other = catalog.Process.Identity.Provider(TestOrganisation.New());
        Assert.Equal(4, (await catalog.Process.GetAsync($"/api/catalog/packs?providerId={catalog.Artois.Id}", catalog.Artois.Token)).Items().Count);
        Assert.Equal(3, (await catalog.Process.GetAsync($"/api/catalog/packs?providerId={catalog.Artois.Id}", other)).Items().Count);
        Assert.Equal(3, (await catalog.Process.GetAsync($"/api/catalog/packs?providerId={catalog.Artois.Id}")).Items().Count);
        Assert.Equal(4, (await catalog.Process.GetAsync("/api/catalog/packs", catalog.Artois.Token)).Items().Count);
    }

    [Fact]
    public async Task facets_count_under_every_filter_but_their_own()
    {
        Assert.Equal("antivirus 1, audit 1, encrypted-backup 1, firewall 1", Facet(await SearchAsync(""), "category"));
        Assert.Equal("59 2, 62 4", Facet(await SearchAsync(""), "territory"));

        var chosen = await SearchAsync("category=antivirus&territory=62");
        Assert.Equal("antivirus 1, audit 1, encrypted-backup 1, firewall 1", Facet(chosen, "category"));
        Assert.Equal("59 1, 62 1", Facet(chosen, "territory"));
        Assert.Equal("seat 1", Facet(chosen, "unit"));

        var words = await SearchAsync("q=sauvegarde&limit=1");
        Assert.Equal("encrypted-backup 1", Facet(words, "category"));
    }

    [Theory]
    [InlineData("sort=price", Antivirus, Backup, Firewall, Audit)]
    [InlineData("sort=name", Antivirus, Audit, Firewall, Backup)]
    [InlineData("sort=newest", Backup, Audit, Firewall, Antivirus)]
    [InlineData("", Backup, Audit, Firewall, Antivirus)]
    public async Task results_come_in_the_order_asked_for(string query, params string[] expected) =>
        Assert.Equal(expected, Categories(await SearchAsync(query)));

    [Theory]
    [InlineData("sort=price")]
    [InlineData("sort=name")]
    [InlineData("sort=newest")]
    [InlineData("sort=relevance&q=par")]
    [InlineData("q=cyber")]
    public async Task pages_hold_every_pack_once_in_the_order_of_the_whole(string query)
    {
        var whole = Categories(await SearchAsync(query));
        var paged = new List<string>();
        string? cursor = null;
        do
        {
            var page = await SearchAsync($"{query}&limit=1{(cursor is null ? "" : $"&cursor={cursor}")}");
            paged.AddRange(Categories(page));
            cursor = page.Body.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.NotEmpty(whole);
        Assert.Equal(whole, paged);
    }

    [Theory]
    [InlineData("category=vpn", "category")]
    [InlineData("unit=kilo", "unit")]
    [InlineData("territory=20", "territory")]
    [InlineData("territory=%27", "territory")]
    [InlineData("providerId=42", "providerId")]
    [InlineData("maxPriceCents=-1", "maxPriceCents")]
    [InlineData("maxPriceCents=12.5", "maxPriceCents")]
    [InlineData("maxPriceCents=99999999999999999999", "maxPriceCents")]
    [InlineData("sort=cheapest", "sort")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=%3Cscript%3E", "cursor")]
    [InlineData("cursor=WyJhIl0", "cursor")]
    [InlineData("sort=price&cursor=WyJwcmljZSIsInp6IiwiMDE5MDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0", "cursor")]
    [InlineData("sort=price&cursor=WyJwcmljZSIsbnVsbCxudWxsXQ", "cursor")]
    [InlineData("sort=name&cursor=WyJuYW1lIixudWxsLCIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ", "cursor")]
    [InlineData("q=%00", "")]
    public async Task a_query_that_makes_no_sense_is_refused_by_name(string query, string field)
    {
        var answer = await catalog.Process.GetAsync($"/api/catalog/packs?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
    }

    [Fact]
    public async Task words_have_at_most_200_characters_and_a_cursor_belongs_to_its_order()
    {
        await SearchAsync($"q={new string('a', 200)}");
        Assert.Equal(HttpStatusCode.BadRequest, (await catalog.Process.GetAsync($"/api/catalog/packs?q={new string('a', 201)}")).Status);
        var cursor = (await SearchAsync("sort=price&limit=1")).Text("nextCursor");
        Assert.Equal(HttpStatusCode.BadRequest, (await catalog.Process.GetAsync($"/api/catalog/packs?sort=name&cursor={cursor}")).Status);
        await SearchAsync("q=%ff%fe");
    }

    private async Task<HttpAnswer> SearchAsync(string query)
    {
        var answer = await catalog.Process.GetAsync($"/api/catalog/packs?{query}");
        Assert.True(answer.Status == HttpStatusCode.OK, $"{query}: {answer.Status} {answer.Body} {catalog.Process.Output}");
        return answer;
    }

    private static List<string> Categories(HttpAnswer answer) => answer.Items().Select(i => i.GetProperty("category").GetString()!).ToList();

    private static string Facet(HttpAnswer answer, string name) =>
        string.Join(", ", answer.Body.GetProperty("facets").GetProperty(name).EnumerateObject().Select(f => $"{f.Name} {f.Value}").Order());
}
