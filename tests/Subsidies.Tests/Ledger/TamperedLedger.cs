using System.Text.Json;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Ledger;

/// <summary>Who changes a row behind the service's back, past the trigger that forbids it, is found out.</summary>
public sealed class TamperedLedger(TestPostgres postgres) : IAsyncLifetime
{
    private readonly SubsidiesService subsidies = new(postgres);

    public async ValueTask InitializeAsync()
    {
        await subsidies.InitializeAsync();
        var programme = await subsidies.OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            await subsidies.DeliverAsync(Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]));
        }
    }

    public ValueTask DisposeAsync() => subsidies.DisposeAsync();

    [Fact]
    public async Task the_first_row_that_somebody_touched_is_named()
    {
        await using var db = new NpgsqlConnection(subsidies.Process.ConnectionString);
        await db.OpenAsync();
        await db.ExecuteAsync("create table kept as select * from ledger_entry");
        foreach (var (tampering, broken) in new[]
        {
            ("update ledger_entry set amount_cents = amount_cents + 1 where sequence = 2", 2),
            ("update ledger_entry set note = 'rien' where sequence = 3", 3),
            ("delete from ledger_entry where sequence = 2", 2),
            ("delete from ledger_entry where sequence = 4", 4),
            ("update ledger_entry set at = at + interval '1 microsecond' where sequence = 1", 1),
            ("update ledger_entry set hash = sha256('x') where sequence = 3", 3),
        })
        {
            await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(tampering));
            await db.ExecuteAsync($"set session_replication_role = replica; {tampering}");

            var verification = await VerificationAsync();
            Assert.False(verification.GetProperty("chainIntact").GetBoolean());
            Assert.Equal(broken, verification.GetProperty("firstBroken").GetInt64());

            await db.ExecuteAsync("delete from ledger_entry; insert into ledger_entry select * from kept; set session_replication_role = origin");
            Assert.True((await VerificationAsync()).GetProperty("chainIntact").GetBoolean());
        }
    }

    [Fact]
    public async Task a_balance_that_somebody_touched_is_told()
    {
        await using var db = new NpgsqlConnection(subsidies.Process.ConnectionString);
        Assert.True((await VerificationAsync()).GetProperty("balanced").GetBoolean());
        await db.ExecuteAsync("update programme set budget_cents = budget_cents + 1");

        var verification = await VerificationAsync();
        Assert.True(verification.GetProperty("chainIntact").GetBoolean());
        Assert.False(verification.GetProperty("balanced").GetBoolean());
        Assert.Contains(verification.GetProperty("differences").EnumerateArray(), d => d.Text("account") == "voted" && d.Text("between") == "envelopes");
    }

    private async Task<JsonElement> VerificationAsync() => (await subsidies.Process.GetAsync("/api/subsidies/ledger/verification", subsidies.Finance)).Body;
}
