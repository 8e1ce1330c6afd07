using System.Net;
using System.Text;
using Marketplace.Events.Catalog;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;
using Marketplace.PooledOrders.Delivery;
using Marketplace.Testing;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Delivery and acceptance (DOMAIN §2.2, §6) through the API. Tests move the clock, which only goes forward.</summary>
public sealed class DeliveryTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    [Fact]
    public async Task thirty_of_forty_seven_units_are_shared_13_9_8_at_the_awarded_price()
    {
        var pool = await PaidPool.CreateAsync(orders, [20, 15, 12]);
        Assert.Equal("confirmed", await pool.StatusAsync());

        var answer = await pool.DeliverAllAsync(30);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToString());
        Assert.Equal((47, 30, 3), (answer.Body.GetProperty("orderedQuantity").GetInt32(), answer.Body.GetProperty("quantity").GetInt32(), answer.Body.GetProperty("commitmentCount").GetInt32()));
        Assert.Equal([13, 9, 8], answer.Body.GetProperty("commitments").EnumerateArray().Select(c => c.GetProperty("deliveredQuantity").GetInt32()));
        Assert.Equal("fulfilling", await pool.StatusAsync());
        var seen = (await orders.Process.GetAsync($"/api/pools/{pool.Id}/commitments", pool.ProviderToken)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([13, 9, 8], seen.Select(c => c.GetProperty("deliveredQuantity").GetInt32()));
        Assert.All(seen, c => Assert.Equal(("delivered", 21_000), (c.GetProperty("status").GetString(), c.GetProperty("unitPriceCents").GetInt32())));
        Assert.Equal([20, 15, 12], seen.Select(c => c.GetProperty("allocatedQuantity").GetInt32()));
        var delivery = seen[0].GetProperty("delivery");
        Assert.Equal(TimeSpan.FromDays(7), delivery.GetProperty("acceptBy").GetDateTime() - delivery.GetProperty("declaredAt").GetDateTime());
        Assert.Equal(9, Assert.Single(await orders.Process.FactsAsync<DeliveryDeclared>(pool.Commitments[1])).Quantity);
    }

    [Fact]
    public async Task everything_is_delivered_at_once_and_a_second_click_finds_nothing_to_deliver()
    {
        var pool = await PaidPool.CreateAsync(orders, [12, 10]);
        var tooMany = await pool.DeliverAllAsync(23);

        var first = await pool.DeliverAllAsync(key: "one");
        var replayed = await pool.DeliverAllAsync(key: "one");
        var second = await pool.DeliverAllAsync();

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (tooMany.Status, tooMany.Problem));
        Assert.Equal(22, first.Body.GetProperty("quantity").GetInt32());
        Assert.Equal(first.Body.ToString(), replayed.Body.ToString());
        Assert.Equal((HttpStatusCode.Conflict, "nothing-to-deliver"), (second.Status, second.Problem));
        Assert.Single(await orders.Process.FactsAsync<DeliveryDeclared>(pool.Commitments[0]));
    }

    [Fact]
    public async Task nothing_can_be_delivered_before_the_award_or_for_an_unpaid_commitment()
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        var id = (await orders.JoinAsync(pool, 10)).Body.GetProperty("id").GetGuid();
        var token = orders.Process.Identity.Provider(provider);
        Task<HttpAnswer> AllAsync() => orders.Process.PostAsync($"/api/pools/{pool}/delivery", new { deliveredOn = PaidPool.Today(orders) }, token);
        Task<HttpAnswer> OneAsync() => orders.Process.PostAsync($"/api/commitments/{id}/delivery", new { quantity = 1, deliveredOn = PaidPool.Today(orders) }, token);

        Assert.Equal("nothing-to-deliver", (await AllAsync()).Problem);
        Assert.Equal(HttpStatusCode.NotFound, (await OneAsync()).Status);
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(id, "payment-failed");
        Assert.Equal("nothing-to-deliver", (await AllAsync()).Problem);
        Assert.Equal("wrong-status", (await OneAsync()).Problem);
        Assert.Equal("confirmed", (await orders.PoolAsync(pool)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task a_declaration_is_corrected_until_it_is_accepted_and_the_seven_days_begin_anew()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        var first = await pool.DeliverAsync(0, 20);
        await orders.AdvanceAsync(TimeSpan.FromDays(6));

        var corrected = await pool.DeliverAsync(0, 0);
        var stale = await pool.AcceptAsync(0, ifMatch: first.Headers.ETag!.Tag);
        await orders.AdvanceAsync(TimeSpan.FromDays(6));

        Assert.Equal(("delivered", 0), (corrected.Body.GetProperty("status").GetString(), corrected.Body.GetProperty("deliveredQuantity").GetInt32()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
        Assert.Equal("delivered", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await pool.AcceptAsync(0)).Status);
        Assert.Equal("wrong-status", (await pool.DeliverAsync(0, 20)).Problem);
        Assert.Equal((0, 0), Assert.Single((await orders.Process.FactsAsync<DeliveryAccepted>(pool.Commitments[0])).Select(f => (f.Quantity, (int)f.NetCents))));
    }

    [Fact]
    public async Task the_day_of_a_delivery_lies_between_the_closing_and_today()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await orders.AdvanceAsync(TimeSpan.FromDays(3));
        var today = PaidPool.Today(orders);

        foreach (var wrong in new[] { today.AddDays(1), today.AddDays(-4), DateOnly.MinValue, DateOnly.MaxValue })
        {
            foreach (var answer in new[] { await pool.DeliverAsync(0, 20, wrong), await pool.DeliverAllAsync(on: wrong) })
            {
                Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
                Assert.True(answer.Body.GetProperty("errors").TryGetProperty("deliveredOn", out _), answer.Body.ToString());
            }
        }

        Assert.Equal(HttpStatusCode.OK, (await pool.DeliverAsync(0, 20, today.AddDays(-3))).Status);
        Assert.Equal(HttpStatusCode.OK, (await pool.DeliverAsync(0, 20, today)).Status);
    }

    [Fact]
    public async Task a_business_accepts_once_and_the_pool_is_settled_with_the_last_acceptance()
    {
        var pool = await PaidPool.CreateAsync(orders, [12, 10]);
        Assert.Equal("wrong-status", (await pool.AcceptAsync(0)).Problem);
        await pool.DeliverAllAsync();

        var clicks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.AcceptAsync(0)));
        Assert.Equal("fulfilling", await pool.StatusAsync());
        await pool.AcceptAsync(1);

        Assert.Single(clicks, a => a.Status == HttpStatusCode.OK && a.Body.GetProperty("status").GetString() == "accepted");
        Assert.Equal(3, clicks.Count(a => a.Problem == "wrong-status"));
        var fact = Assert.Single(await orders.Process.FactsAsync<DeliveryAccepted>(pool.Commitments[0]));
        Assert.Equal((12, 252_000, pool.Provider.Id, false), (fact.Quantity, (int)fact.NetCents, fact.ProviderId, fact.Tacit));
        Assert.Equal("settled", await pool.StatusAsync());
        var history = (await orders.Process.GetAsync($"/api/pools/{pool.Id}/history", orders.Buyer)).Body.EnumerateArray().Select(f => f.GetProperty("type").GetString()!.Split('.')[1]).ToList();
        Assert.Equal(["pool-confirmed", "pool-fulfilling", "pool-settled"], history[^3..]);
    }

    [Fact]
    public async Task a_refusal_needs_a_reason_stays_visible_and_the_provider_declares_again()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await pool.DeliverAsync(0, 20);
        var without = await pool.AcceptAsync(0, accepted: false, reason: " ");
        Assert.Equal(HttpStatusCode.BadRequest, without.Status);
        Assert.True(without.Body.GetProperty("errors").TryGetProperty("reason", out _), without.Body.ToString());

        var refused = await pool.AcceptAsync(0, accepted: false, reason: "Deux postes manquent");
        Assert.Equal("wrong-status", (await pool.AcceptAsync(0)).Problem);
        Assert.Equal(("paid", "Deux postes manquent"), (refused.Body.GetProperty("status").GetString(), refused.Body.GetProperty("delivery").GetProperty("refusalReason").GetString()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, refused.Body.GetProperty("deliveredQuantity").ValueKind);
        await orders.AdvanceAsync(TimeSpan.FromDays(8));
        Assert.Equal("paid", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("status").GetString());

        Assert.Equal(HttpStatusCode.OK, (await pool.DeliverAsync(0, 18)).Status);
        Assert.Equal(HttpStatusCode.OK, (await pool.AcceptAsync(0)).Status);
        Assert.Equal(["delivery-declared", "delivery-refused", "delivery-declared", "delivery-accepted"], (await pool.HistoryAsync(0))[^4..]);
    }

    [Fact]
    public async Task seven_days_of_silence_accept_once_whatever_the_number_of_instances()
    {
        var pool = await PaidPool.CreateAsync(orders, [12, 10]);
        await pool.DeliverAllAsync(15);
        var declared = (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("delivery").GetProperty("declaredAt").GetDateTime();
        await orders.AdvanceAsync(TimeSpan.FromDays(7) - TimeSpan.FromHours(1));
        Assert.Equal("delivered", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("status").GetString());

        await orders.SecondInstanceAsync();
        await orders.AdvanceAsync(TimeSpan.FromHours(2));

        var accepted = await orders.EventuallyAsync(pool.Commitments[0], "accepted");
        Assert.True(accepted.GetProperty("delivery").GetProperty("tacit").GetBoolean());
        Assert.Equal(declared + TimeSpan.FromDays(7), accepted.GetProperty("delivery").GetProperty("acceptedAt").GetDateTime());
        await orders.EventuallyAsync(pool.Commitments[1], "accepted");
        foreach (var (commitment, quantity) in pool.Commitments.Zip([8, 7]))
        {
            var fact = Assert.Single(await orders.Process.FactsAsync<DeliveryAccepted>(commitment));
            Assert.Equal((quantity, true), (fact.Quantity, fact.Tacit));
        }

        Assert.Equal("settled", await pool.StatusAsync());
        Assert.Equal("wrong-status", (await pool.AcceptAsync(0, accepted: false, reason: "trop tard")).Problem);
    }

    [Fact]
    public async Task others_know_nothing_of_an_order_and_its_delivery()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        var stranger = orders.Process.Identity.Provider(TestOrganisation.New());
        var business = orders.Process.Identity.Business(TestOrganisation.New());

        Assert.Equal(HttpStatusCode.NotFound, (await pool.DeliverAsync(0, 20, token: stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await pool.DeliverAllAsync(token: stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.GetAsync($"/api/pools/{pool.Id}/orders?format=csv", stranger)).Status);
        await pool.DeliverAsync(0, 20);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.PostAsync($"/api/commitments/{pool.Commitments[0]}/acceptance", new { accepted = true }, business)).Status);
        foreach (var (path, token) in new[]
        {
            ($"/api/commitments/{pool.Commitments[0]}/delivery", business), ($"/api/pools/{pool.Id}/delivery", orders.Buyer),
            ($"/api/commitments/{pool.Commitments[0]}/acceptance", pool.ProviderToken), ($"/api/commitments/{pool.Commitments[0]}/refund", pool.ProviderToken),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.PostAsync(path, new { }, token)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await orders.Process.PostAsync(path, new { }, null)).Status);
        }

        Assert.Equal("delivered", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(240_000, 0)]
    [InlineData(239_951, 49)]
    public async Task aid_that_covers_all_that_a_card_could_be_charged_pays_at_once_and_nobody_is_charged(long aidCents, long owedCents)
    {
        var provider = TestOrganisation.New();
        await orders.AccreditAsync(provider, Guid.CreateVersion7(), "active", 1);
        var pack = Guid.CreateVersion7();
        await orders.Deliver(new PackListed(pack, 1, provider.Id, provider.Name, "Audit", "", "antivirus", "seat", 12, 30_000, 0, ["62"], 500, PooledOrdersService.Tiers, 1));
        var pool = (await orders.Process.PostAsync("/api/pools", new { packId = pack, title = "Audit", closesAt = orders.Now.AddDays(1), maxQuantity = 100, territories = new[] { "62" } }, orders.Buyer)).Body.GetProperty("id").GetGuid();
        var id = (await orders.JoinAsync(pool, 10, method: "pm_card_visa")).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        AidPart[] all = [new(Guid.CreateVersion7(), "Ville", aidCents, [])];

        await orders.Deliver(new AidGranted(id, pool, 240_000, all, DateTime.UtcNow, 2), bulk: true);
        await orders.Deliver(new AidGranted(id, pool, 240_000, all, DateTime.UtcNow, 2), bulk: true);

        var paid = await orders.CommitmentAsync(id);
        Assert.Equal(("paid", owedCents, "not-needed"), (paid.GetProperty("status").GetString(), paid.GetProperty("payableCents").GetInt64(), paid.GetProperty("payment").GetProperty("status").GetString()));
        Assert.Equal(owedCents, paid.GetProperty("payment").GetProperty("outstandingCents").GetInt64());
        var fact = Assert.Single(await orders.Process.FactsAsync<CommitmentPaid>(id));
        Assert.Equal((0, null, provider.Id), (fact.AmountCents, fact.PaymentReference, fact.ProviderId));
        var token = orders.Process.Identity.Provider(provider);
        Assert.Equal(HttpStatusCode.OK, (await orders.Process.PostAsync($"/api/commitments/{id}/delivery", new { quantity = 4, deliveredOn = PaidPool.Today(orders) }, token)).Status);
        await orders.AdvanceAsync(TimeSpan.FromDays(8));
        await orders.Deliver(new ServiceDoneCertified(id, pool, 4, 96_000, [all[0] with { AmountCents = 96_000 }], DateTime.UtcNow, 3), bulk: true);
        var settled = await orders.CommitmentAsync(id);
        Assert.Equal((96_000, 0, 96_000, 0), (settled.GetProperty("netCents").GetInt32(), settled.GetProperty("vatCents").GetInt32(), settled.GetProperty("aidCents").GetInt32(), settled.GetProperty("payableCents").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, settled.GetProperty("payment").GetProperty("refundStatus").ValueKind);
    }

    [Fact]
    public async Task what_was_paid_is_told_with_its_reference_and_what_was_placed_with_its_siret()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);

        var placed = Assert.Single(await orders.Process.FactsAsync<CommitmentPlaced>(pool.Commitments[0]));
        var paid = Assert.Single(await orders.Process.FactsAsync<CommitmentPaid>(pool.Commitments[0]));
        var view = await orders.CommitmentAsync(pool.Commitments[0]);

        Assert.Equal(pool.Organisation(0).Siret, placed.Siret);
        Assert.Equal(pool.Organisation(0).Siret, view.GetProperty("siret").GetString());
        Assert.Equal((504_000, pool.Id, pool.Provider.Id), (paid.AmountCents, paid.PoolId, paid.ProviderId));
        Assert.Equal(view.GetProperty("payment").GetProperty("reference").GetString(), paid.PaymentReference);
    }

    [Fact]
    public async Task an_amended_commitment_keeps_its_siret()
    {
        var pool = await orders.OpenPoolAsync();
        var business = TestOrganisation.New();
        var id = (await orders.JoinAsync(pool, 2, business: business)).Body.GetProperty("id").GetGuid();

        await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 3 }, orders.Process.Identity.Business(business));

        Assert.Equal([business.Siret, business.Siret], (await orders.Process.FactsAsync<CommitmentPlaced>(id)).Select(f => f.Siret));
    }

    [Theory]
    [InlineData("", ",", "210.00")]
    [InlineData("&culture=fr", ";", "210,00")]
    public async Task the_order_file_is_for_spreadsheets_and_holds_no_formula(string culture, string separator, string price)
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        var evil = TestOrganisation.New(name: "=HYPERLINK(\"http://x\",\"Facture, à payer\")");
        await orders.JoinAsync(pool, 20, business: evil);
        var token = orders.Process.Identity.Provider(provider);
        Assert.Equal("wrong-status", (await orders.Process.GetAsync($"/api/pools/{pool}/orders", token)).Problem);
        await orders.AdvancePastAsync(pool);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/pools/{pool}/orders?format=csv{culture}");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await orders.Process.Http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var lines = Encoding.UTF8.GetString(bytes[3..]).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Encoding.UTF8.Preamble.ToArray(), bytes[..3]);
        Assert.Equal(3, lines.Length);
        Assert.Equal("", lines[2]);
        Assert.Equal(11, lines[0].Split(separator).Length);
        Assert.Contains($"\"'=HYPERLINK(\"\"http://x\"\",\"\"Facture, à payer\"\")\"{separator}{evil.Siren}{separator}{evil.Siret}{separator}20{separator}{price}{separator}", lines[1], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.GetAsync($"/api/pools/{pool}/orders", orders.Process.Identity.Business(evil))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.GetAsync($"/api/pools/{pool}/orders?format=xlsx", token)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.GetAsync($"/api/pools/{pool}/orders?culture=de", token)).Status);
    }

    [Theory]
    [InlineData("quantity", "\"7\"")]
    [InlineData("quantity", "-1")]
    [InlineData("quantity", "1.5")]
    [InlineData("quantity", "21")]
    [InlineData("quantity", "99999999999999999999")]
    [InlineData("quantity", "[]")]
    [InlineData("deliveredOn", "null")]
    [InlineData("deliveredOn", "7")]
    [InlineData("deliveredOn", "\"yesterday\"")]
    [InlineData("deliveredOn", "\"2026-02-30\"")]
    [InlineData("deliveredOn", "\"2026-11-22T10:00:00Z\"")]
    [InlineData("deliveredOn", "\"2026-11-22\\u0000\"")]
    public async Task a_wrong_field_of_a_declaration_is_refused_by_name_and_changes_nothing(string field, string value)
    {
        var pool = wrong ??= await PaidPool.CreateAsync(orders, [20]);
        var fields = new Dictionary<string, string> { ["quantity"] = "1", ["deliveredOn"] = $"\"{PaidPool.Today(orders):yyyy-MM-dd}\"", [field] = value };
        foreach (var path in new[] { $"/api/commitments/{pool.Commitments[0]}/delivery", $"/api/pools/{pool.Id}/delivery" })
        {
            var answer = await orders.Process.PostAsync(path, "{" + string.Join(",", fields.Select(f => $"\"{f.Key}\":{f.Value}")) + "}", pool.ProviderToken);

            Assert.True(answer is { Status: HttpStatusCode.BadRequest, Problem: "invalid-input" }, $"{answer.Status} {answer.Body}");
            Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
        }

        Assert.Equal("paid", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("{}", "accepted")]
    [InlineData("{\"accepted\":null}", "accepted")]
    [InlineData("{\"accepted\":\"true\"}", "accepted")]
    [InlineData("{\"accepted\":1}", "accepted")]
    [InlineData("{\"accepted\":false}", "reason")]
    [InlineData("{\"accepted\":false,\"reason\":\"\"}", "reason")]
    [InlineData("{\"accepted\":false,\"reason\":7}", "reason")]
    [InlineData("{\"accepted\":false,\"reason\":\"a\\u0000\"}", "reason")]
    [InlineData("null", "body")]
    public async Task a_wrong_answer_to_a_delivery_is_refused_by_name_and_changes_nothing(string body, string field)
    {
        var pool = wrong ??= await PaidPool.CreateAsync(orders, [20]);

        var answer = await orders.Process.PostAsync($"/api/commitments/{pool.Commitments[0]}/acceptance", body, pool.Business(0));

        Assert.True(answer is { Status: HttpStatusCode.BadRequest, Problem: "invalid-input" }, $"{answer.Status} {answer.Body}");
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
    }

    /// <summary>Shared by the tests of wrong input, which change nothing.</summary>
    private static PaidPool? wrong;
}
