using System.Net;
using Dapper;
using Marketplace.Events.Catalog;
using Npgsql;
using static Marketplace.Catalog.Tests.TestProvider;

namespace Marketplace.Catalog.Tests;

public sealed class AccreditationCascadeTests(CatalogService catalog) : IClassFixture<CatalogService>
{
    [Theory]
    [InlineData("suspended")]
    [InlineData("withdrawn")]
    [InlineData("expired")]
    public async Task packs_are_delisted_when_the_accreditation_stops_and_listed_again_when_it_is_active_again(string status)
    {
        var provider = await catalog.AccreditedAsync();
        var listed = await provider.ListedAsync();
        var withdrawn = await provider.ListedAsync();
        await provider.WithdrawAsync(withdrawn);
        var draft = await provider.DraftAsync();

        await provider.AccreditAsync(status, 2);
        Assert.Equal(("delisted", "withdrawn", "draft"), (await provider.StatusOfAsync(listed), await provider.StatusOfAsync(withdrawn), await provider.StatusOfAsync(draft)));
        Assert.Equal(HttpStatusCode.OK, (await catalog.Process.GetAsync($"/api/catalog/packs/{listed}")).Status);
        Assert.Empty((await catalog.Process.GetAsync($"/api/catalog/packs?providerId={provider.Id}")).Items());
        Assert.Equal(new PackDelisted(listed, "accreditation", 3), Assert.Single(await catalog.Process.FactsAsync<PackDelisted>(listed)));

        await provider.AccreditAsync("active", 3);
        Assert.Equal(("listed", "withdrawn", "draft"), (await provider.StatusOfAsync(listed), await provider.StatusOfAsync(withdrawn), await provider.StatusOfAsync(draft)));
        Assert.Equal([2, 4], (await catalog.Process.FactsAsync<PackListed>(listed)).Select(f => f.Version));
        Assert.Single(await catalog.Process.FactsAsync<PackListed>(withdrawn));
    }

    [Fact]
    public async Task a_fact_that_comes_twice_is_told_once()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        var suspended = provider.Status("suspended", 2);
        var eventId = Guid.CreateVersion7();
        await catalog.Process.DeliverAsync(suspended, eventId);
        await catalog.Process.DeliverAsync(suspended, eventId);
        await catalog.Process.DeliverAsync(suspended);
        Assert.Single(await catalog.Process.FactsAsync<PackDelisted>(id));
    }

    [Fact]
    public async Task an_older_fact_that_comes_late_changes_nothing()
    {
        var provider = catalog.NewProvider();
        await provider.AccreditAsync("active", 3);
        var id = await provider.ListedAsync();
        await provider.AccreditAsync("suspended", 2);
        Assert.Equal("listed", await provider.StatusOfAsync(id));

        await provider.AccreditAsync("withdrawn", 5);
        await provider.AccreditAsync("active", 4);
        Assert.Equal("delisted", await provider.StatusOfAsync(id));
        Assert.Single(await catalog.Process.FactsAsync<PackDelisted>(id));
    }

    [Fact]
    public async Task an_end_that_comes_before_its_beginning_wins()
    {
        var provider = catalog.NewProvider();
        await provider.AccreditAsync("withdrawn", 2);
        await provider.AccreditAsync("active", 1);
        Assert.Equal("not-accredited", (await provider.ListAsync(await provider.DraftAsync())).Problem);
    }

    [Fact]
    public async Task only_what_no_active_accreditation_covers_any_more_is_delisted()
    {
        var provider = await catalog.AccreditedAsync();
        var second = Guid.CreateVersion7();
        await catalog.Process.DeliverAsync(provider.Status("active", 1, ["antivirus"], ["59", "62", "80"], second));
        var antivirus = await provider.ListedAsync();
        var audit = await provider.ListedAsync(("category", "audit"), ("unit", "audit"));

        await provider.AccreditAsync("suspended", 2);
        Assert.Equal(("listed", "delisted"), (await provider.StatusOfAsync(antivirus), await provider.StatusOfAsync(audit)));
        await catalog.Process.DeliverAsync(provider.Status("expired", 2, ["antivirus"], ["59", "62", "80"], second));
        Assert.Equal(("delisted", "delisted"), (await provider.StatusOfAsync(antivirus), await provider.StatusOfAsync(audit)));
    }

    [Fact]
    public async Task a_narrower_scope_delists_what_it_leaves_and_a_change_into_it_lists_again()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        await provider.AccreditAsync("active", 2, Everything, ["62"]);
        Assert.Equal("delisted", await provider.StatusOfAsync(id));

        Assert.Equal("delisted", (await provider.ChangeAsync(id, Terms(("capacity", 9)))).Text("status"));
        Assert.Equal("listed", (await provider.ChangeAsync(id, Terms(("territories", new[] { "62" })))).Text("status"));
        Assert.Equal([1, 3], (await catalog.Process.FactsAsync<PackListed>(id)).Select(f => f.PackVersion));
    }

    [Fact]
    public async Task another_providers_accreditation_moves_nothing()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        await (await catalog.AccreditedAsync()).AccreditAsync("suspended", 2);
        Assert.Equal("listed", await provider.StatusOfAsync(id));
    }

    [Fact]
    public async Task a_delisted_pack_that_its_provider_withdraws_stays_withdrawn()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        await provider.AccreditAsync("suspended", 2);
        await provider.WithdrawAsync(id);
        await provider.AccreditAsync("active", 3);
        Assert.Equal("withdrawn", await provider.StatusOfAsync(id));
        Assert.Equal(["accreditation", "withdrawn"], (await catalog.Process.FactsAsync<PackDelisted>(id)).Select(f => f.Reason));
    }

    [Fact]
    public async Task no_pack_stays_listed_when_it_is_listed_while_the_accreditation_is_suspended()
    {
        for (var round = 0; round < 3; round++)
        {
            var provider = await catalog.AccreditedAsync();
            var packs = new List<Guid>();
            for (var i = 0; i < 4; i++)
            {
                packs.Add(await provider.DraftAsync());
            }

            var suspended = catalog.Process.DeliverAsync(provider.Status("suspended", 2));
            await Task.WhenAll([suspended, .. packs.Select(provider.ListAsync)]);
            foreach (var pack in packs)
            {
                Assert.NotEqual("listed", await provider.StatusOfAsync(pack));
            }
        }
    }

    [Fact]
    public async Task facts_of_a_pack_are_numbered_without_a_gap_and_its_versions_cannot_be_rewritten()
    {
        var provider = await catalog.AccreditedAsync();
        var id = await provider.ListedAsync();
        await Task.WhenAll(Enumerable.Range(2, 9).Select(v => provider.AccreditAsync(v % 2 == 0 ? "suspended" : "active", v)));

        await using var db = new NpgsqlConnection(catalog.Process.ConnectionString);
        var versions = (await db.QueryAsync<int>("select version from fact where stream_id = @id order by version", new { id })).ToList();
        Assert.Equal(Enumerable.Range(1, versions.Count), versions);
        Assert.Equal(versions.Count, await db.ExecuteScalarAsync<int>("select stream_version from pack where id = @id", new { id }));
        Assert.Equal("delisted", await provider.StatusOfAsync(id));
        await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync("update pack_version set capacity = 1 where pack_id = @id", new { id }));
    }
}
