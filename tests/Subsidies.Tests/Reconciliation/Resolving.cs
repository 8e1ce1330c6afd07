using System.Net;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>What a person's resolution does to the money.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class Resolving(ReconcilingService reconciling)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task the_rest_of_a_partial_payment_is_paid_in_the_next_run()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var provider = TestProvider.New();
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 60_00, 40_00, 20_00);
        var transfer = (await Bank.OrderAsync(programme, [provider]))[0];
        await Bank.ImportAsync(new Line(45_00, transfer.EndToEndId));
        var exception = await Bank.OneOpenAsync(transfer, "partial");
        Assert.Equal("resolution-refused", (await Bank.ResolveAsync(exception, "pay-again")).Problem);

        Assert.Equal(HttpStatusCode.OK, (await Bank.ResolveAsync(exception, "pay-rest")).Status);

        await Bank.AssertStateAsync(transfer, "settled", ("paid", 30_00, 30_00), ("service-done", 15_00, 15_00), ("service-done", 0, 0));
        var rest = (await Bank.OrderAsync(programme, [provider]))[0];
        Assert.Equal(15_00, rest.Cents);
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.ImportAsync(new Line(15_00, rest.EndToEndId))));
        await Bank.AssertStateAsync(rest, "paid", ("paid", 20_00, 20_00), ("paid", 10_00, 10_00));
        var reconciliation = await Bank.ReconciliationAsync(programme);
        Assert.Equal(("""{"count":1,"cents":1500}""", """{"count":1,"cents":4500}"""), (reconciliation.GetProperty("exact").GetRawText(), reconciliation.GetProperty("settled").GetRawText()));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task what_came_back_in_part_is_due_again_in_part()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service);
        var provider = TestProvider.New();
        await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 60_00, 40_00);
        var transfer = (await Bank.OrderAsync(programme, [provider]))[0];
        await Bank.ImportAsync(new Line(50_00, transfer.EndToEndId), new Line(-15_00, transfer.EndToEndId));
        await Bank.AssertStateAsync(transfer, "paid", ("paid", 30_00, 30_00), ("paid", 20_00, 20_00));

        Assert.Equal(HttpStatusCode.OK, (await Bank.ResolveAsync(await Bank.OneOpenAsync(transfer, "rejected"), "pay-rest")).Status);

        await Bank.AssertStateAsync(transfer, "settled", ("paid", 30_00, 30_00), ("rejected", 5_00, 5_00));
        Assert.Equal(15_00, (await Bank.OrderAsync(programme, [provider]))[0].Cents);
        await Bank.ReconciliationAsync(programme);
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task when_too_much_was_paid_what_was_ordered_is_paid()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(120_00, transfer.EndToEndId));

        Assert.Equal(HttpStatusCode.OK, (await Bank.ResolveAsync(await Bank.OneOpenAsync(transfer, "over"), "paid", "The provider sends 20.00 back")).Status);

        await Bank.AssertStateAsync(transfer, "paid", ("paid", 100_00, 100_00));
        Assert.Equal("""{"count":1,"cents":10000}""", (await Bank.ReconciliationAsync(transfer.Programme)).GetProperty("settled").GetRawText());
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_return_is_already_due_again_when_it_is_resolved()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(-100_00, transfer.EndToEndId));

        Assert.Equal(HttpStatusCode.OK, (await Bank.ResolveAsync(await Bank.OneOpenAsync(transfer, "rejected"), "pay-again")).Status);

        await Bank.AssertStateAsync(transfer, "rejected", ("rejected", 0, 0));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task other_words_only_close_it_once_and_are_in_its_history()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(60_00, transfer.EndToEndId));
        var exception = await Bank.OneOpenAsync(transfer, "partial");
        var id = exception.GetProperty("id").GetGuid();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Bank.ResolveAsync(exception, "waiting for the rest", "The bank promised it")));

        Assert.Equal(3, answers.Count(a => a.Problem == "already-resolved"));
        var resolved = Assert.Single(answers, a => a.Status == HttpStatusCode.OK).Body;
        Assert.Equal(("resolved", "waiting for the rest", "The bank promised it"), (resolved.GetProperty("status").GetString(), resolved.GetProperty("resolution").GetString(), resolved.GetProperty("reason").GetString()));
        await Bank.AssertStateAsync(transfer, "ordered", ("ordered", 100_00, 0));
        Assert.Empty(await Bank.OpenAsync(transfer));
        var read = (await Bank.Service.GetAsync($"/api/subsidies/reconciliation/exceptions/{id}", Bank.Finance)).Body;
        Assert.Equal(["subsidies.exception-raised.v1", "subsidies.exception-resolved.v1"], read.GetProperty("history").EnumerateArray().Select(f => f.GetProperty("type").GetString()));
        Assert.Equal("The bank promised it", Assert.Single(await Bank.Service.FactsAsync<ExceptionResolved>(id)).Reason);
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.ImportAsync(new Line(40_00, transfer.EndToEndId))));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_duplicate_is_never_paid_again()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(100_00, transfer.EndToEndId), new Line(100_00, transfer.EndToEndId));
        var exception = await Bank.OneOpenAsync(transfer, "duplicate");
        foreach (var word in new[] { "pay-again", "pay-rest", "paid" })
        {
            Assert.Equal("resolution-refused", (await Bank.ResolveAsync(exception, word)).Problem);
        }

        // The bank gives the second one back: the first stays paid.
        await Bank.ImportAsync(new Line(-100_00, transfer.EndToEndId));
        await Bank.AssertStateAsync(transfer, "paid", ("paid", 100_00, 100_00));
        Assert.Equal(HttpStatusCode.OK, (await Bank.ResolveAsync(exception, "returned")).Status);
        await Bank.OneOpenAsync(transfer, "rejected");
        await Bank.ReconciliationAsync(transfer.Programme);
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task exceptions_are_listed_by_status_kind_and_programme()
    {
        var transfers = await Bank.OrderAsync(10_00, 20_00, 30_00, 40_00);
        await Bank.ImportAsync(transfers.Select(t => new Line(t.Cents - 1_00, t.EndToEndId)));
        var ids = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Bank.Service.GetAsync($"/api/subsidies/reconciliation/exceptions?status=open&kind=partial&programmeId={transfers[0].Programme}&limit=3{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", Bank.Finance)).Body;
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("endToEndId").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(transfers.Select(t => t.EndToEndId).Order(), ids.Order());
        Assert.Equal(0, (await Bank.Service.GetAsync($"/api/subsidies/reconciliation/exceptions?status=resolved&kind=partial&programmeId={transfers[0].Programme}", Bank.Finance)).Body.GetProperty("items").GetArrayLength());
        foreach (var query in new[] { "status=closed", "kind=exact", "programmeId=x", "cursor=x", "limit=0" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await Bank.Service.GetAsync($"/api/subsidies/reconciliation/exceptions?{query}", Bank.Finance)).Status);
        }
    }

    [Theory]
    [InlineData(null, "why")]
    [InlineData("written off", null)]
    [InlineData(" ", "why")]
    [InlineData("written off", "  ")]
    public async Task a_resolution_needs_words_and_a_reason(string? resolution, string? reason)
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        await Bank.ImportAsync(new Line(60_00, transfer.EndToEndId));
        var exception = await Bank.OneOpenAsync(transfer, "partial");

        var answer = await Bank.ResolveAsync(exception, resolution, reason);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.Equal("open", (await Bank.OneOpenAsync(transfer, "partial")).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await Bank.ResolveAsync(exception, new string('x', 101))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Bank.Service.PostAsync($"/api/subsidies/reconciliation/exceptions/{exception.GetProperty("id").GetGuid()}/resolve", new { resolution = "x", reason = "y" }, Bank.Service.Identity.Staff(Roles.Buyer))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Bank.Service.PostAsync($"/api/subsidies/reconciliation/exceptions/{Guid.NewGuid()}/resolve", new { resolution = "x", reason = "y" }, Bank.Finance)).Status);
    }
}
