using System.Net;
using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>Statements and what they come to, through the API.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class Importing(ReconcilingService reconciling)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task exact_movements_pay_the_grants_of_their_transfers()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var (two, one) = (TestProvider.New(), TestProvider.New());
        await ServiceDone.DeliverAsync(Bank.Service, programme, two, 200_00, 300_00);
        await ServiceDone.DeliverAsync(Bank.Service, programme, one, 100_00);
        var transfers = await Bank.OrderAsync(programme, [two, one]);

        var answer = await Bank.ImportAsync(new Line(250_00, transfers[0].EndToEndId, transfers[0].Iban), new Line(50_00, transfers[1].EndToEndId));

        Assert.Equal((2, 0, 2, 0), Bank.Counts(answer));
        await Bank.AssertStateAsync(transfers[0], "paid", ("paid", 100_00, 100_00), ("paid", 150_00, 150_00));
        await Bank.AssertStateAsync(transfers[1], "paid", ("paid", 50_00, 50_00));
        var reconciliation = await Bank.ReconciliationAsync(programme);
        Assert.Equal("""{"count":2,"cents":30000}""", reconciliation.GetProperty("ordered").GetRawText());
        Assert.Equal("""{"count":2,"cents":30000}""", reconciliation.GetProperty("exact").GetRawText());
        Assert.Equal(0, reconciliation.GetProperty("openCents").GetInt64());
        var envelope = (await Bank.Service.GetAsync($"/api/subsidies/programmes/{programme}", Bank.Finance)).Body;
        Assert.Equal((0, 300_00), (envelope.GetProperty("grantedCents").GetInt64(), envelope.GetProperty("paidCents").GetInt64()));
        var entries = (await Bank.Service.GetAsync($"/api/subsidies/ledger?document={answer.Body.GetProperty("id").GetGuid()}", Bank.Finance)).Body.GetProperty("items");
        Assert.Equal(3, entries.GetArrayLength());
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task without_an_end_to_end_id_the_account_and_the_amount_decide()
    {
        var transfers = await Bank.OrderAsync(100_00, 80_00);

        var answer = await Bank.ImportAsync(new Line(100_00, Iban: transfers[0].Iban), new Line(80_01, Iban: transfers[1].Iban, Reference: "not ours"));

        Assert.Equal((2, 0, 1, 1), Bank.Counts(answer));
        await Bank.AssertStateAsync(transfers[0], "paid", ("paid", 100_00, 100_00));
        await Bank.AssertStateAsync(transfers[1], "ordered", ("ordered", 80_00, 0));
    }

    [Fact]
    public async Task a_line_without_an_end_to_end_id_takes_no_transfer_that_another_line_names()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var provider = TestProvider.New();
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 200_00);
        var first = (await Bank.OrderAsync(programme, [provider]))[0];
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 200_00);
        var second = (await Bank.OrderAsync(programme, [provider]))[0];

        Assert.Equal((2, 0, 2, 0), Bank.Counts(await Bank.ImportAsync(new Line(100_00, Iban: provider.Iban), new Line(100_00, first.EndToEndId, provider.Iban))));

        await Bank.AssertStateAsync(first, "paid", ("paid", 100_00, 100_00));
        await Bank.AssertStateAsync(second, "paid", ("paid", 100_00, 100_00));
    }

    [Theory]
    [InlineData(60_00, "partial")]
    [InlineData(140_00, "over")]
    public async Task another_amount_is_an_exception_and_the_money_stays_ordered(long cents, string kind)
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];

        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.ImportAsync(new Line(cents, transfer.EndToEndId))));

        var exception = await Bank.OneOpenAsync(transfer, kind);
        Assert.Equal((cents, 100_00), (exception.GetProperty("amountCents").GetInt64(), exception.GetProperty("expectedCents").GetInt64()));
        Assert.Equal(transfer.EndToEndId, exception.GetProperty("endToEndId").GetString());
        await Bank.AssertStateAsync(transfer, "ordered", ("ordered", 100_00, 0));
        Assert.Single(await Bank.Service.FactsAsync<ExceptionRaised>(exception.GetProperty("id").GetGuid()));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task the_exact_rest_of_a_partial_payment_closes_the_transfer()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(60_00, transfer.EndToEndId));
        var partial = await Bank.OneOpenAsync(transfer, "partial");

        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.ImportAsync(new Line(40_00, transfer.EndToEndId))));

        await Bank.AssertStateAsync(transfer, "paid", ("paid", 100_00, 100_00));
        Assert.Empty(await Bank.OpenAsync(transfer));
        Assert.Single(await Bank.Service.FactsAsync<ExceptionResolved>(partial.GetProperty("id").GetGuid()));
        Assert.Equal("""{"count":1,"cents":10000}""", (await Bank.ReconciliationAsync(transfer.Programme)).GetProperty("exact").GetRawText());
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_second_payment_is_a_duplicate()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];

        Assert.Equal((2, 0, 1, 1), Bank.Counts(await Bank.ImportAsync(new Line(100_00, transfer.EndToEndId), new Line(100_00, transfer.EndToEndId))));

        await Bank.OneOpenAsync(transfer, "duplicate");
        await Bank.AssertStateAsync(transfer, "paid", ("paid", 100_00, 100_00));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_movement_of_nothing_ours_is_unknown_and_in_every_programmes_reconciliation()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        var answer = await Bank.ImportAsync(new Line(12_34, $"NOT-OURS-{Guid.NewGuid():N}"[..35], TestProvider.RandomIban()));

        Assert.Equal((1, 0, 0, 1), Bank.Counts(answer));
        var statement = answer.Body.GetProperty("id").GetString();
        var reconciliation = await Bank.ReconciliationAsync(transfer.Programme);
        var unknown = Assert.Single(reconciliation.GetProperty("exceptions").EnumerateArray(), e => e.GetProperty("statementId").ToString() == statement);
        Assert.Equal("unknown", unknown.GetProperty("kind").GetString());
        Assert.Equal(100_00, reconciliation.GetProperty("openCents").GetInt64());
    }

    [Fact]
    public async Task a_movement_for_a_run_that_is_not_approved_is_unknown_and_says_so()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var provider = TestProvider.New();
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 200_00);
        var prepared = Bank.Of((await ServiceDone.PrepareAsync(Bank.Service, programme, Bank.Finance)).Body, [provider])[0];

        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.ImportAsync(new Line(100_00, prepared.EndToEndId))));
        Assert.Contains("not approved", (await Bank.OneOpenAsync(prepared, "unknown")).GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await Bank.Service.PostAsync($"/api/subsidies/payment-runs/{prepared.RunId}/cancel", new { reason = "Wrong day" }, Bank.Finance)).Status);
        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.ImportAsync(new Line(100_00, prepared.EndToEndId, Reference: "again"))));

        Assert.Contains((await Bank.OpenAsync(prepared)), e => e.GetProperty("detail").GetString()!.Contains("cancelled", StringComparison.Ordinal));
        await Bank.AssertStateAsync(prepared, "cancelled", ("service-done", 0, 0));
        await Bank.AssertVerifiedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_returned_transfer_reopens_its_grants_for_the_next_run(bool paidBefore)
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var provider = TestProvider.New();
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 200_00, 300_00);
        var transfer = (await Bank.OrderAsync(programme, [provider]))[0];
        if (paidBefore)
        {
            await Bank.ImportAsync(new Line(250_00, transfer.EndToEndId));
        }

        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.ImportAsync(new Line(-250_00, transfer.EndToEndId, Reference: "AC04 closed account"))));

        await Bank.OneOpenAsync(transfer, "rejected");
        await Bank.AssertStateAsync(transfer, "rejected", ("rejected", 0, 0), ("rejected", 0, 0));
        var again = (await Bank.OrderAsync(programme, [provider]))[0];
        Assert.Equal(250_00, again.Cents);
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.ImportAsync(new Line(250_00, again.EndToEndId))));
        await Bank.AssertStateAsync(again, "paid", ("paid", 100_00, 100_00), ("paid", 150_00, 150_00));
        var reconciliation = await Bank.ReconciliationAsync(programme);
        Assert.Equal("""{"count":1,"cents":25000}""", reconciliation.GetProperty("exact").GetRawText());
        Assert.Equal("""{"count":1,"cents":25000}""", reconciliation.GetProperty("rejected").GetRawText());
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task payment_and_return_in_one_file_end_rejected_whichever_line_comes_first()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00);

        var answer = await Bank.ImportAsync(
            new Line(100_00, transfers[0].EndToEndId), new Line(-100_00, transfers[0].EndToEndId), new Line(-70_00, transfers[1].EndToEndId), new Line(70_00, transfers[1].EndToEndId));

        Assert.Equal((4, 0, 2, 2), Bank.Counts(answer));
        await Bank.AssertStateAsync(transfers[0], "rejected", ("rejected", 0, 0));
        await Bank.AssertStateAsync(transfers[1], "rejected", ("rejected", 0, 0));
        await Bank.ReconciliationAsync(transfers[0].Programme);
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task lines_may_come_in_any_order_of_days()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        var (early, late) = (ServiceDone.Today.AddDays(-1).ToString("yyyy-MM-dd"), ServiceDone.Today.ToString("yyyy-MM-dd"));

        Bank.Counts(await Bank.ImportAsync(new Line(-100_00, transfer.EndToEndId, Day: late), new Line(100_00, transfer.EndToEndId, Day: early)));

        await Bank.AssertStateAsync(transfer, "rejected", ("rejected", 0, 0));
        var movements = (await Bank.Service.GetAsync($"/api/subsidies/bank-statements?limit=1", Bank.Finance)).Body.GetProperty("items")[0];
        Assert.Equal((early, late), (movements.GetProperty("firstDay").GetString(), movements.GetProperty("lastDay").GetString()));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_statement_lists_its_movements_in_pages()
    {
        var transfers = await Bank.OrderAsync(10_00, 20_00, 30_00);
        var id = (await Bank.ImportAsync(transfers.Select(t => new Line(t.Cents, t.EndToEndId)))).Body.GetProperty("id").GetGuid();

        var first = (await Bank.Service.GetAsync($"/api/subsidies/bank-statements/{id}?limit=2", Bank.Finance)).Body;
        var second = (await Bank.Service.GetAsync($"/api/subsidies/bank-statements/{id}?limit=2&cursor={first.GetProperty("nextCursor").GetString()}", Bank.Finance)).Body;

        Assert.Equal([2, 3, 4], first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(m => m.GetProperty("line").GetInt32()));
        Assert.Equal(3, first.GetProperty("statement").GetProperty("exact").GetInt32());
        Assert.Null(second.GetProperty("nextCursor").GetString());
        Assert.Equal(0, (await Bank.Service.GetAsync($"/api/subsidies/bank-statements/{id}?outcome=over", Bank.Finance)).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await Bank.Service.GetAsync($"/api/subsidies/bank-statements/{id}?outcome=nice", Bank.Finance)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Bank.Service.GetAsync($"/api/subsidies/bank-statements/{Guid.NewGuid()}", Bank.Finance)).Status);
    }
}
