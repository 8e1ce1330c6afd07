using System.Globalization;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>
/// From budget to bank in any order: random operations at once, facts twice, late and out of order, requests repeated, and
/// the process killed with all of them in flight. The seed decides what is tried; where a crash lands, the machine does.
/// <c>SEQUENCES=100-199</c> tries those seeds instead of the few of every run, <c>SEQUENCE_STEPS</c> sets their length.
/// </summary>
public sealed class AnySequence(TestPostgres postgres, ITestOutputHelper output)
{
    private static readonly int Steps = int.Parse(Environment.GetEnvironmentVariable("SEQUENCE_STEPS") ?? "36", CultureInfo.InvariantCulture);

    public static TheoryData<int> Seeds()
    {
        var range = (Environment.GetEnvironmentVariable("SEQUENCES") ?? "1-2").Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
        return [.. Enumerable.Range(range[0], range[^1] - range[0] + 1)];
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task any_sequence_with_duplicates_and_crashes_keeps_every_euro_accounted_for(int seed)
    {
        await using var service = await CrashingService.StartAsync(await postgres.NewDatabaseAsync());
        await using var books = new NpgsqlConnection(service.Process.ConnectionString);
        var random = new Random(seed);
        var (others, office) = (new OtherServices(random, service), new FinanceOffice(random, service, books));
        var step = 0;
        try
        {
            others.Begin();
            await SendAsync([(await office.OpenProgrammeAsync())!, (await office.OpenProgrammeAsync())!], null);
            for (; step < Steps; step++)
            {
                await StepAsync();
            }

            // The bus does not lose anything: in the end all of it arrives, and is taken.
            for (var rounds = 0; !others.IsQuiet; rounds++)
            {
                Assert.True(rounds < 200, "A fact is asked for again and again.");
                await SendAsync([.. others.Arriving(50)], null);
            }

            await Books.AssertAsync(service);
            await SettleAsync();
            await Books.AssertAsync(service);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}: {e.Message}", e);
        }

        output.WriteLine($"seed {seed}: {service.Crashes} crashes, {service.Interrupted.Undone} messages interrupted undone and {service.Interrupted.Done} done");
        output.WriteLine(await ReachedAsync(books));

        async Task StepAsync()
        {
            var programmes = await office.ProgrammesAsync();
            for (var i = random.Next(2, 7); i > 0; i--)
            {
                others.Happen(programmes);
            }

            List<Message> messages = [.. others.Arriving(14)];
            for (var i = random.Next(2, 8); i > 0; i--)
            {
                if (await office.NextAsync() is { } asked)
                {
                    messages.AddRange(Enumerable.Repeat(asked, random.Next(6) == 0 ? 2 : 1));
                }
            }

            // Sent at once: whichever is first takes the lock, so that the others wait inside their transactions.
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(messages));
            await SendAsync(messages, step % 14 == 9 ? TimeSpan.FromMilliseconds(random.Next(150)) : null);
            if (random.Next(10) == 0)
            {
                await service.AdvanceAsync(TimeSpan.FromDays(random.Next(15) == 0 ? 120 : random.Next(1, 10)));
            }
        }

        // Whatever happened, in the end the town pays what it owes: no aid is stuck where nobody can move it.
        async Task SettleAsync()
        {
            for (var rounds = 0; await office.SettleAsync() is { Count: > 0 } messages; rounds++)
            {
                Assert.True(rounds < 100, $"Aid that is owed is not paid, whatever finance does: {messages[0]}");
                foreach (var message in messages)
                {
                    await SendAsync([message], null);
                }
            }
        }

        async Task SendAsync(IReadOnlyList<Message> messages, TimeSpan? crashAfter)
        {
            var replies = await service.SendAsync(messages, crashAfter);
            foreach (var (message, reply) in messages.Zip(replies))
            {
                if (message is Told told)
                {
                    others.Arrived(told, reply);
                }
            }

            foreach (var same in messages.Zip(replies).Where(r => r.First is Asked).GroupBy(r => r.First))
            {
                Assert.Single(same.Select(r => (r.Second.Status, r.Second.Body)).Distinct());
            }

            if (crashAfter is not null)
            {
                await Books.AssertAsync(service);
            }
        }
    }

    /// <summary>How far the sequence came: a test that never pays anything proves nothing.</summary>
    private static async Task<string> ReachedAsync(NpgsqlConnection books)
    {
        return (await books.ExecuteScalarAsync<string>(
            """
            select string_agg(format('%s %s', n, what), ', ' order by what) from (
              select 'entries' as what, count(*) as n from ledger_entry union all select reason, count(*) from ledger_entry group by reason
              union all select 'transfers ' || status, count(*) from payment_transfer group by status union all select 'movements ' || outcome, count(*) from bank_movement group by outcome
              union all select 'resolved ' || resolution, count(*) from reconciliation_exception where status = 'resolved' group by resolution union all select 'recoveries', count(*) from recovery
              union all select 'exceptions missing', count(*) from reconciliation_exception where kind = 'missing' union all select 'closed years', count(*) from closed_period) c
            """))!;
    }
}
