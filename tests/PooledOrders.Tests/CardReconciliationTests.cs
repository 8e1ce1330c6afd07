using System.Net.Http.Headers;
using System.Text.Json;
using Marketplace.Testing;
using static Marketplace.PooledOrders.Tests.FinanceDesk;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Card payments beside the payment provider's statement and payouts, with the provider's simulator as a process.</summary>
public sealed class CardReconciliationTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private const string Path = FinanceDesk.Path;
    private readonly FinanceDesk desk = new(orders);

    [Fact]
    public async Task what_was_charged_agrees_with_the_statement_to_the_cent_and_fetching_again_changes_nothing()
    {
        var (pool, _, _) = await desk.PaidAsync();

        for (var i = 0; i < 2; i++)
        {
            await desk.RefreshAsync();
            var body = await desk.ReadAsync(pool);

            // 10 × 240.00 and 20 % VAT; the provider keeps 1.5 % and 0.25.
            Assert.Equal((1, 288_000), CountAndCents(body, "charged"));
            Assert.Equal((1, 288_000), CountAndCents(body, "recorded"));
            Assert.Equal((1, 288_000), CountAndCents(body, "exact"));
            Assert.Equal((0, 0), CountAndCents(body, "refunded"));
            Assert.Equal((4_345, 283_655, 0, 283_655, 0), (Cents(body, "fees"), Cents(body, "net"), Cents(body, "paidOut"), Cents(body, "pendingPayout"), Cents(body, "difference")));
            Assert.Empty(body.GetProperty("exceptions").EnumerateArray());
            Assert.False(body.GetProperty("isStale").GetBoolean());
        }
    }

    [Fact]
    public async Task lines_are_listed_page_by_page_oldest_first()
    {
        var (pool, _, intent) = await desk.PaidAsync();
        await desk.StripeAsync("v1/refunds", $"payment_intent={intent}&amount=100");
        await desk.RefreshAsync();

        var first = (await orders.Process.GetAsync($"{Path}/lines?poolId={pool}&limit=1", desk.Token)).Body;
        var second = (await orders.Process.GetAsync($"{Path}/lines?poolId={pool}&limit=1&cursor={first.GetProperty("nextCursor").GetString()}", desk.Token)).Body;

        var lines = first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).ToList();
        Assert.Equal(["charge exact", "refund unknown"], lines.Select(l => $"{l.GetProperty("kind").GetString()} {l.GetProperty("outcome").GetString()}").Order());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task a_provider_that_does_not_answer_leaves_the_last_figures_and_says_so()
    {
        var (pool, _, _) = await desk.PaidAsync();
        await desk.RefreshAsync();
        await orders.Simulator.PostAsync("/simulator/switches", "{\"path\":\"/v1/balance_transactions\",\"answer_status\":500,\"answer_count\":1000}", null);
        try
        {
            Assert.Equal("statement-unavailable", (await orders.Process.PostAsync($"{Path}/refresh", null, desk.Token)).Problem);
            await desk.ExecuteAsync("update statement_cursor set fetched_at = fetched_at - interval '1 hour'");
            var body = await desk.ReadAsync(pool);
            Assert.True(body.GetProperty("isStale").GetBoolean());
            Assert.Equal((1, 288_000), CountAndCents(body, "exact"));
        }
        finally
        {
            await orders.Simulator.PostAsync("/simulator/switches", "{}", null);
        }

        await desk.RefreshAsync();
        Assert.False((await desk.ReadAsync(pool)).GetProperty("isStale").GetBoolean());
    }

    [Fact]
    public async Task an_automatic_payout_is_itemised_and_one_made_by_hand_cannot_be()
    {
        var (pool, _, _) = await desk.PaidAsync("pm_card_bypassPending");
        var payout = (await desk.StripeAsync("simulator/payouts", "")).GetProperty("id").GetString();
        await desk.RefreshAsync();
        var sent = await desk.ReadAsync(pool);
        Assert.Equal((0, 283_655), (Cents(sent, "paidOut"), Cents(sent, "pendingPayout")));
        var view = Assert.Single(sent.GetProperty("payouts").EnumerateArray());
        Assert.Equal((payout, Cents(view, "amount"), 283_655), (view.GetProperty("id").GetString(), Cents(view, "linesNet"), Cents(view, "poolNet")));

        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromDays(3));
        await FinanceDesk.UntilAsync(async () => (await desk.StripeAsync($"v1/payouts/{payout}")).GetProperty("status").GetString() == "paid");
        await desk.RefreshAsync();
        var arrived = await desk.ReadAsync(pool);
        Assert.Equal((283_655, 0), (Cents(arrived, "paidOut"), Cents(arrived, "pendingPayout")));

        var (_, _, _) = await desk.PaidAsync("pm_card_bypassPending");
        var byHand = (await desk.StripeAsync("v1/payouts", "amount=100&currency=eur")).GetProperty("id").GetString();
        await desk.RefreshAsync();
        var all = (await orders.Process.GetAsync($"{Path}/exceptions?kind=payout-not-itemised&limit=200", desk.Token)).Body.GetProperty("items").EnumerateArray();
        Assert.Single(all, x => x.GetProperty("subject").GetString() == byHand);
        Assert.Empty((await orders.Process.GetAsync($"{Path}/exceptions?kind=payout-difference", desk.Token)).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task a_long_statement_is_read_page_by_page_and_a_pass_that_died_goes_on()
    {
        await desk.RefreshAsync();
        var before = await desk.ScalarAsync("select count(*) from balance_transaction");
        await Parallel.ForEachAsync(Enumerable.Range(0, 230), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            await desk.StripeAsync("v1/payment_intents", "amount=888&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true"));
        var newest = (await desk.StripeAsync("v1/balance_transactions?limit=50")).GetProperty("data")[49].GetProperty("id").GetString();

        // As a process leaves it that died after a page; the next pass brings what it had left out.
        await desk.ExecuteAsync("update statement_cursor set pass_after = @newest", new { newest });
        await desk.RefreshAsync();
        await desk.RefreshAsync();
        Assert.Equal(before + 230, await desk.ScalarAsync("select count(*) from balance_transaction"));

        await desk.ExecuteAsync("update statement_cursor set pass_after = 'txn_that_is_no_more'");
        Assert.Equal("statement-unavailable", (await orders.Process.PostAsync($"{Path}/refresh", null, desk.Token)).Problem);
        await desk.RefreshAsync();
    }

    [Fact]
    public async Task the_file_for_french_spreadsheets_has_one_harmless_row_per_line()
    {
        var (pool, commitment, intent) = await desk.PaidAsync(business: TestOrganisation.New(name: "=HYPERLINK(\"x\");\"y\""));
        await desk.StripeAsync("v1/refunds", $"payment_intent={intent}&amount=1234");
        await desk.RefreshAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}/export?poolId={pool}&culture=fr") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", desk.Token) } };
        using var response = await orders.Process.Http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var rows = System.Text.Encoding.UTF8.GetString(bytes[3..]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.Equal(3, rows.Length);
        Assert.Contains(";\"'=HYPERLINK(\"\"x\"\");\"\"y\"\"\";", rows[1], StringComparison.Ordinal);
        Assert.Contains(rows, r => r.Contains($";{commitment};exact;", StringComparison.Ordinal) && r.Contains(";2880,00;2880,00;43,45;2836,55;0,00;eur;", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.Contains(";0,00;-12,34;0,00;-12,34;12,34;eur;", StringComparison.Ordinal));

        var day = DateOnly.ParseExact(rows[1][..10], "dd/MM/yyyy");
        Assert.Equal((1, 288_000), CountAndCents(await desk.ReadAsync(pool, $"&from={day:yyyy-MM-dd}&to={day.AddDays(1):yyyy-MM-dd}"), "charged"));
        Assert.Equal((0, 0), CountAndCents(await desk.ReadAsync(pool, $"&to={day:yyyy-MM-dd}"), "charged"));
        Assert.Equal((0, 0), CountAndCents(await desk.ReadAsync(pool, $"&from={day.AddDays(2):yyyy-MM-dd}"), "charged"));
    }
}
