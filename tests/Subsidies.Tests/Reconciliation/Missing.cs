using System.Net;
using Marketplace.Subsidies.Reconciliation;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>Transfers of which the bank says nothing, by the clock.</summary>
public sealed class Missing(TestPostgres postgres)
{
    [Fact]
    public async Task a_transfer_is_missing_after_five_business_days_once_whatever_the_number_of_instances()
    {
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: ServiceDone.Debtor);
        var bank = new Bank(service);
        var transfers = await bank.OrderAsync(100_00, 70_00, 50_00, 30_00);
        var (silent, late, partial, again) = (transfers[0], transfers[1], transfers[2], transfers[3]);
        await bank.ImportAsync(new Line(20_00, partial.EndToEndId));
        var fifth = BusinessDays.After(ServiceDone.Today, BusinessDays.ToWaitFor);

        // An hour before the day after the fifth begins in Paris, then two hours later.
        var until = TimeZoneInfo.ConvertTimeToUtc(fifth.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris")).AddHours(-1) - DateTime.UtcNow;
        await service.AdvanceClockAsync(until);
        Assert.Equal(0, (await bank.ReconciliationAsync(silent.Programme)).GetProperty("missingCount").GetInt64());
        await service.AdvanceClockAsync(TimeSpan.FromHours(2));
        var reconciliation = await bank.ReconciliationAsync(silent.Programme);
        Assert.Equal(new[] { silent, late, again }.Select(t => t.EndToEndId).Order(), reconciliation.GetProperty("missing").EnumerateArray().Select(m => m.GetProperty("endToEndId").GetString()).Order());
        Assert.Equal(4, reconciliation.GetProperty("exceptionCount").GetInt64());
        await service.AdvanceClockAsync(TimeSpan.FromDays(30));
        Assert.Equal(3, (await bank.ReconciliationAsync(silent.Programme)).GetProperty("missingCount").GetInt64());

        // What comes late closes its own exception; what is paid again is in the next run, and a late payment is then a duplicate.
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await bank.ImportAsync(new Line(70_00, late.EndToEndId))));
        var missing = (await bank.OpenAsync(silent)).Where(e => e.GetProperty("kind").GetString() == "missing").ToDictionary(e => e.GetProperty("transferId").GetGuid());
        Assert.Equal(new[] { silent.Id, again.Id }.Order(), missing.Keys.Order());
        Assert.Equal(HttpStatusCode.OK, (await bank.ResolveAsync(missing[again.Id], "pay-again")).Status);
        await bank.AssertStateAsync(again, "settled", ("service-done", 0, 0));
        Assert.Equal(HttpStatusCode.OK, (await bank.ResolveAsync(missing[silent.Id], "the bank found it")).Status);
        await bank.AssertStateAsync(silent, "ordered", ("ordered", 100_00, 0));
        Assert.Equal((1, 0, 0, 1), Bank.Counts(await bank.ImportAsync(new Line(30_00, again.EndToEndId))));
        await service.AdvanceClockAsync(TimeSpan.FromDays(30));
        reconciliation = await bank.ReconciliationAsync(silent.Programme);
        Assert.Equal(["duplicate", "partial"], reconciliation.GetProperty("exceptions").EnumerateArray().Select(e => e.GetProperty("kind").GetString()).Order());
        await bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task several_instances_raise_it_once()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var first = await ServiceProcess.StartAsync("services/Subsidies", database, settings: ServiceDone.Debtor);
        await using var second = await ServiceProcess.StartAsync("services/Subsidies", database, first.Identity, ServiceDone.Debtor);
        var bank = new Bank(first);
        var transfer = (await bank.OrderAsync(100_00))[0];

        await Task.WhenAll(first.AdvanceClockAsync(TimeSpan.FromDays(20)), second.AdvanceClockAsync(TimeSpan.FromDays(20)));

        await bank.OneOpenAsync(transfer, "missing");
        Assert.DoesNotContain("failed", first.Output + second.Output, StringComparison.Ordinal);
    }
}
