using System.Net;
using Marketplace.Events.Catalog;
using static Marketplace.Catalog.Tests.TestProvider;

namespace Marketplace.Catalog.Tests;

public sealed class PackTests(CatalogService catalog) : IClassFixture<CatalogService>
{
    [Fact]
    public async Task a_new_pack_is_a_draft_in_version_1_with_everything_that_was_written()
    {
        var provider = catalog.NewProvider();
        var answer = await catalog.Process.PostAsync("/api/catalog/packs", Terms(("vatRateBps", null), ("territories", new[] { "62", "59", "62" })), provider.Token);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal($"/api/catalog/packs/{answer.Text("id")}", answer.Headers.Location!.ToString());
        Assert.Equal("\"1\"", answer.Headers.ETag!.Tag);
        Assert.Equal((1, "draft", provider.Id.ToString(), "Artois Cyber Services"), (answer.Number("version"), answer.Text("status"), answer.Text("providerId"), answer.Text("providerName")));
        Assert.Equal(2000, answer.Number("vatRateBps"));
        Assert.Equal(["62", "59"], answer.Body.GetProperty("territories").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("France", answer.Body.GetProperty("attributes").GetProperty("hébergement").GetString());
        Assert.Equal([(50, 6181), (150, 5233), (300, 4499)], answer.Body.GetProperty("tiers").EnumerateArray().Select(t => (t.GetProperty("minQuantity").GetInt32(), t.GetProperty("unitPriceCents").GetInt32())));

        var again = await catalog.Process.GetAsync($"/api/catalog/packs/{answer.Text("id")}", provider.Token);
        Assert.Equal(answer.Body.ToString(), again.Body.ToString());
    }

    [Fact]
    public async Task the_same_idempotency_key_drafts_one_pack()
    {
        var provider = catalog.NewProvider();
        var first = await catalog.Process.PostAsync("/api/catalog/packs", Terms(), provider.Token, "key-1");
        var second = await catalog.Process.PostAsync("/api/catalog/packs", Terms(), provider.Token, "key-1");
        var other = await catalog.Process.PostAsync("/api/catalog/packs", Terms(("capacity", 7)), provider.Token, "key-1");

        Assert.Equal(first.Text("id"), second.Text("id"));
        Assert.Equal((HttpStatusCode)422, other.Status);
        Assert.Single((await catalog.Process.GetAsync($"/api/catalog/packs?providerId={provider.Id}", provider.Token)).Items());
    }

    [Fact]
    public async Task a_draft_is_seen_by_its_provider_alone_even_after_it_was_withdrawn()
    {
        var provider = catalog.NewProvider();
        var id = await provider.DraftAsync();
        await NobodyElseSees();
        Assert.Equal("withdrawn", (await provider.WithdrawAsync(id)).Text("status"));
        await NobodyElseSees();
        Assert.Empty(await catalog.Process.FactsAsync<PackDelisted>(id));

        async Task NobodyElseSees()
        {
            Assert.Equal(HttpStatusCode.OK, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}", provider.Token)).Status);
            foreach (var token in new[] { null, catalog.NewProvider().Token, catalog.Process.Identity.Staff("buyer", "admin") })
            {
                Assert.Equal(HttpStatusCode.NotFound, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}", token)).Status);
                Assert.Empty((await catalog.Process.GetAsync($"/api/catalog/packs?providerId={provider.Id}", token)).Items());
            }
        }
    }

    [Fact]
    public async Task a_pack_is_listed_only_under_an_active_accreditation_that_holds_its_category_and_all_its_territories()
    {
        var provider = catalog.NewProvider();
        await provider.AccreditAsync("active", 1, ["antivirus"], ["59", "62"]);
        var covered = await provider.DraftAsync();
        var otherCategory = await provider.DraftAsync(("category", "firewall"));
        var otherTerritory = await provider.DraftAsync(("territories", new[] { "59", "80" }));

        var answers = await Task.WhenAll(provider.ListAsync(covered), provider.ListAsync(otherCategory), provider.ListAsync(otherTerritory));

        Assert.Equal(["listed", "not-accredited", "not-accredited"], answers.Select(a => a.Problem ?? a.Text("status")));
        Assert.Equal(HttpStatusCode.Conflict, answers[1].Status);
        var fact = Assert.Single(await catalog.Process.FactsAsync<PackListed>(covered));
        Assert.Equal((1, 2, "antivirus", 3), (fact.PackVersion, fact.Version, fact.Category, fact.Tiers.Length));
        Assert.Equal("draft", await provider.StatusOfAsync(otherCategory));
    }

    [Fact]
    public async Task listing_waits_a_little_for_an_accreditation_that_is_on_its_way()
    {
        var provider = catalog.NewProvider();
        var listing = provider.ListAsync(await provider.DraftAsync());
        await Task.Delay(300);
        Assert.False(listing.IsCompleted);
        await provider.AccreditAsync("active", 1);
        Assert.Equal("listed", (await listing).Text("status"));
    }

    [Fact]
    public async Task listing_and_withdrawing_twice_says_nothing_new()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        Assert.Equal("listed", (await provider.ListAsync(id)).Text("status"));
        Assert.Equal("withdrawn", (await provider.WithdrawAsync(id)).Text("status"));
        Assert.Equal("withdrawn", (await provider.WithdrawAsync(id)).Text("status"));

        Assert.Single(await catalog.Process.FactsAsync<PackListed>(id));
        Assert.Equal(new PackDelisted(id, "withdrawn", 3), Assert.Single(await catalog.Process.FactsAsync<PackDelisted>(id)));
        Assert.Equal(HttpStatusCode.OK, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}")).Status);
        Assert.Empty((await catalog.Process.GetAsync($"/api/catalog/packs?providerId={provider.Id}")).Items());
        Assert.Equal("listed", (await provider.ListAsync(id)).Text("status"));
    }

    [Fact]
    public async Task a_change_of_a_listed_pack_is_a_new_version_beside_the_old_one()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        var changed = await provider.ChangeAsync(id, Terms(("name", "Antivirus II"), ("listPriceCents", 9900), ("tiers", new[] { Tier(10, 9000) })), "\"1\"");

        Assert.Equal((2, "listed"), (changed.Number("version"), changed.Text("status")));
        var old = await catalog.Process.GetAsync($"/api/catalog/packs/{id}?version=1");
        var current = await catalog.Process.GetAsync($"/api/catalog/packs/{id}");
        Assert.Equal((1, "Antivirus managé (EDR), par poste", 6900), (old.Number("version"), old.Text("name"), old.Number("listPriceCents")));
        Assert.Equal((2, "Antivirus II", 9900), (current.Number("version"), current.Text("name"), current.Number("listPriceCents")));
        Assert.Equal(HttpStatusCode.NotFound, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}?version=3")).Status);
        Assert.Equal([1, 2], (await catalog.Process.FactsAsync<PackListed>(id)).Select(f => f.PackVersion));
    }

    [Fact]
    public async Task a_change_based_on_a_stale_version_is_refused()
    {
        var provider = catalog.NewProvider();
        var id = await provider.DraftAsync();
        Assert.Equal(HttpStatusCode.OK, (await provider.ChangeAsync(id, Terms(("capacity", 5)), "\"1\"")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await provider.ChangeAsync(id, Terms(("capacity", 6)), "\"1\"")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await provider.ChangeAsync(id, Terms(("capacity", 6)), "nonsense")).Status);
        var draft = await provider.ChangeAsync(id, Terms(("capacity", 7)));
        Assert.Equal((3, 7, "draft"), (draft.Number("version"), draft.Number("capacity"), draft.Text("status")));
    }

    [Fact]
    public async Task two_changes_at_the_same_instant_make_two_versions()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => provider.ChangeAsync(id, Terms(("capacity", i)))));
        Assert.Equal(Enumerable.Range(2, 8), answers.Select(a => a.Number("version")).Order());
        Assert.Equal(Enumerable.Range(2, 9), (await catalog.Process.FactsAsync<PackListed>(id)).Select(f => f.Version).Order());
    }

    [Fact]
    public async Task a_listed_pack_cannot_leave_the_scope_of_its_accreditation()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        var refused = await provider.ChangeAsync(id, Terms(("territories", new[] { "59", "75" })));
        Assert.Equal((HttpStatusCode.Conflict, "not-accredited"), (refused.Status, refused.Problem));
        Assert.Equal(1, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}")).Number("version"));
    }

    [Fact]
    public async Task a_provider_touches_no_pack_of_another()
    {
        var owner = await catalog.AccreditedAsync();
        var other = await catalog.AccreditedAsync();
        var draft = await owner.DraftAsync();
        var listed = await owner.ListedAsync();
        foreach (var (id, expected) in new[] { (draft, HttpStatusCode.NotFound), (listed, HttpStatusCode.Forbidden), (Guid.CreateVersion7(), HttpStatusCode.NotFound) })
        {
            Assert.Equal(expected, (await other.ChangeAsync(id, Terms())).Status);
            Assert.Equal(expected, (await other.ListAsync(id)).Status);
            Assert.Equal(expected, (await other.WithdrawAsync(id)).Status);
            Assert.Equal(expected, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}/history", other.Token)).Status);
        }

        Assert.Equal(("draft", "listed"), (await owner.StatusOfAsync(draft), await owner.StatusOfAsync(listed)));
    }

    [Fact]
    public async Task only_providers_write_packs()
    {
        var id = Guid.CreateVersion7();
        foreach (var (token, expected) in new[] { (null, HttpStatusCode.Unauthorized), (catalog.Process.Identity.Staff("admin"), HttpStatusCode.Forbidden) })
        {
            Assert.Equal(expected, (await catalog.Process.PostAsync("/api/catalog/packs", Terms(), token)).Status);
            Assert.Equal(expected, (await catalog.Process.SendAsync(HttpMethod.Put, $"/api/catalog/packs/{id}", Terms(), token)).Status);
            Assert.Equal(expected, (await catalog.Process.PostAsync($"/api/catalog/packs/{id}/list", null, token)).Status);
            Assert.Equal(expected, (await catalog.Process.PostAsync($"/api/catalog/packs/{id}/withdraw", null, token)).Status);
        }

        var withoutOrganisation = catalog.Process.Identity.Token(Guid.CreateVersion7(), null, "provider");
        Assert.Equal(HttpStatusCode.Forbidden, (await catalog.Process.PostAsync("/api/catalog/packs", Terms(), withoutOrganisation)).Status);
    }

    [Fact]
    public async Task the_history_tells_its_provider_and_staff_who_did_what()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        await provider.WithdrawAsync(id);
        foreach (var token in new[] { provider.Token, catalog.Process.Identity.Staff("buyer") })
        {
            var history = (await catalog.Process.GetAsync($"/api/catalog/packs/{id}/history", token)).Items();
            Assert.Equal(["catalog.pack-drafted.v1", "catalog.pack-listed.v1", "catalog.pack-delisted.v1"], history.Select(f => f.GetProperty("type").GetString()));
            Assert.All(history, f => Assert.Equal("provider", f.GetProperty("actorRole").GetString()));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}/history", catalog.Process.Identity.Business(Testing.TestOrganisation.New()))).Status);
    }
}
