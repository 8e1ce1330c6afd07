using System.Net;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>One grant is never in two runs: in several instances, across a crash, and whatever the configuration.</summary>
public sealed class OnlyOnce(TestPostgres postgres)
{
    [Fact]
    public async Task of_runs_prepared_at_the_same_instant_in_two_instances_one_takes_all()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var first = await ServiceProcess.StartAsync("services/Subsidies", database, settings: ServiceDone.Debtor);
        await using var second = await ServiceProcess.StartAsync("services/Subsidies", database, first.Identity, ServiceDone.Debtor);
        var finance = first.Identity.Staff(Roles.Finance);
        var programme = await ServiceDone.OpenProgrammeAsync(first);
        await ServiceDone.DeliverAsync(first, programme, TestProvider.New(), 10_00, 20_00, 30_00);
        await ServiceDone.DeliverAsync(first, programme, TestProvider.New(), 40_00);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ServiceDone.PrepareAsync(i % 2 == 0 ? first : second, programme, finance)));

        Assert.Equal(50_00, Assert.Single(answers, a => a.Status == HttpStatusCode.Created).Body.Cents("totalCents"));
        Assert.Equal(7, answers.Count(a => a.Problem == "nothing-due"));
        await ServiceDone.AssertVerifiedAsync(first);
    }

    [Fact]
    public async Task a_crash_midway_leaves_nothing_of_the_run()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var first = await ServiceProcess.StartAsync("services/Subsidies", database, settings: ServiceDone.Debtor);
        await using var second = await ServiceProcess.StartAsync("services/Subsidies", database, first.Identity, ServiceDone.Debtor);
        var finance = first.Identity.Staff(Roles.Finance);
        var programme = await ServiceDone.OpenProgrammeAsync(first);
        await ServiceDone.DeliverAsync(first, programme, TestProvider.New(), 10_00, 20_00, 30_00);
        var key = Guid.NewGuid().ToString();

        // The head of the ledger is held from outside: the run waits there with its transfers and grants written.
        await using (var db = new NpgsqlConnection(database))
        {
            await db.OpenAsync();
            await using var holding = await db.BeginTransactionAsync();
            await db.ExecuteAsync("select from ledger_head for update");
            var torn = ServiceDone.PrepareAsync(second, programme, finance, key);
            await using var looking = new NpgsqlConnection(database);
            for (var look = 0; !await looking.ExecuteScalarAsync<bool>(
                "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%ledger_head%' and datname = current_database())"); look++)
            {
                Assert.True(look < 500, "The run never came to the ledger.");
                await Task.Delay(20);
            }

            await second.KillAsync();
            await Assert.ThrowsAsync<HttpRequestException>(() => torn);
        }

        var run = await ServiceDone.PrepareAsync(first, programme, finance, key);
        Assert.Equal((HttpStatusCode.Created, $"PR-{ServiceDone.Today.Year}-000001", 30_00), (run.Status, run.Body.Text("number"), run.Body.Cents("totalCents")));
        await using var after = new NpgsqlConnection(database);
        Assert.Equal((1, 1, 3), await after.QuerySingleAsync<(int, int, int)>(
            "select (select count(*)::int from payment_run), (select count(*)::int from payment_transfer), (select count(*)::int from transfer_grant)"));
        await ServiceDone.AssertVerifiedAsync(first);
    }

    [Fact]
    public async Task a_day_that_has_passed_becomes_the_day_of_the_approval()
    {
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: ServiceDone.Debtor);
        var programme = await ServiceDone.OpenProgrammeAsync(service);
        await ServiceDone.DeliverAsync(service, programme, TestProvider.New(), 10_00);
        var run = (await ServiceDone.PrepareAsync(service, programme, service.Identity.Staff(Roles.Finance))).Body;
        await service.AdvanceClockAsync(TimeSpan.FromDays(3));

        var approved = await service.PostAsync($"/api/subsidies/payment-runs/{run.Text("id")}/approve", null, service.Identity.Staff(Roles.Finance));

        Assert.Equal($"{ServiceDone.Today.AddDays(3):yyyy-MM-dd}", approved.Body.Text("executionDate"));
        await ServiceDone.DeliverAsync(service, programme, TestProvider.New(), 10_00);
        var refused = await ServiceDone.PrepareAsync(service, programme, service.Identity.Staff(Roles.Finance));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task without_an_account_to_pay_from_a_run_is_prepared_but_not_approved()
    {
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync());
        var programme = await ServiceDone.OpenProgrammeAsync(service);
        await ServiceDone.DeliverAsync(service, programme, TestProvider.New(), 10_00);
        var run = (await ServiceDone.PrepareAsync(service, programme, service.Identity.Staff(Roles.Finance))).Body;

        var refused = await service.PostAsync($"/api/subsidies/payment-runs/{run.Text("id")}/approve", null, service.Identity.Staff(Roles.Finance));

        Assert.Equal((HttpStatusCode.Conflict, "debtor-not-configured"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task an_account_to_pay_from_that_is_not_valid_stops_the_start()
    {
        var settings = new Dictionary<string, string>(ServiceDone.Debtor) { ["Payments__Debtor__Iban"] = "FR15 2004 1010 0505 0001 3M02 606" };
        var database = await postgres.NewDatabaseAsync();
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceProcess.StartAsync("services/Subsidies", database, settings: settings));
        Assert.Contains("Payments:Debtor:Iban", failed.Message, StringComparison.Ordinal);
    }
}
