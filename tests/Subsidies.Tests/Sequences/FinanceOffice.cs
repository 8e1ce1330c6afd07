using System.Text.Json;
using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>What finance staff do, well or badly timed, on what they see in the books at that moment.</summary>
public sealed class FinanceOffice(Random random, CrashingService service, NpgsqlConnection books)
{
    private readonly TownsBank bank = new(random, service, books);
    private readonly List<Asked> asked = [];

    public async Task<IReadOnlyList<Guid>> ProgrammesAsync() => (await books.QueryAsync<Guid>("select id from programme order by id")).AsList();

    /// <summary>The next request; null when there was nothing to ask.</summary>
    public async Task<Asked?> NextAsync()
    {
        var next = random.Next(28) switch
        {
            0 => await OpenProgrammeAsync(),
            < 3 => await ChangeBudgetAsync(),
            < 7 => await PrepareAsync(),
            < 11 => await ApproveAsync(),
            11 => await CancelAsync(),
            < 17 => await bank.StatementAsync() is { } statement ? new Asked(HttpMethod.Post, "/api/subsidies/bank-statements", statement.Content, service.Finance, Key(), statement.Type) : null,
            < 21 => await ResolveAsync(),
            < 24 => await RecoverAsync(),
            24 => await SetAccountAsync(),
            25 => Json(HttpMethod.Post, $"periods/{service.Today.Year - 1}/closing", new { reason = "Clôture" }),
            _ => asked.Count == 0 ? null : asked[random.Next(asked.Count)] is var old && (random.Next(2) == 0 || old.Body.Contains("executionDate", StringComparison.Ordinal)) ? old : old with { Key = Key() },
        };
        if (next is not null)
        {
            asked.Add(next);
        }

        return next;
    }

    /// <summary>A programme with a small envelope, so that it is exhausted again and again.</summary>
    public async Task<Asked?> OpenProgrammeAsync() => (await ProgrammesAsync()).Count >= 4 ? null : new Asked(
        HttpMethod.Post, "/api/subsidies/programmes",
        JsonSerializer.Serialize(SubsidiesService.Programme(
            ("budgetCents", random.Next(3_000_00, 30_000_00)), ("rateBps", random.Next(1_000, 10_001)), ("capCents", random.Next(2) == 0 ? null : random.Next(100_00, 3_000_00)),
            ("minSpendCents", random.Next(2) * 500_00), ("priority", random.Next(5)), ("deMinimis", random.Next(2) == 0), ("intensityCeilingBps", random.Next(6_000, 10_001)))),
        service.Finance, Key());

    /// <summary>The next thing that a careful town does to pay what it owes; empty when it owes nothing that it can pay.</summary>
    public async Task<IReadOnlyList<Asked>> SettleAsync()
    {
        if (await bank.EverythingAsync() is { } statement)
        {
            return [new Asked(HttpMethod.Post, "/api/subsidies/bank-statements", statement, service.Finance, Key(), "text/csv")];
        }

        if (await books.QueryFirstOrDefaultAsync<Guid?>("select id from payment_run where status = 'prepared' order by number") is { } run)
        {
            return [Json(HttpMethod.Post, $"payment-runs/{run}/approve", new { }, service.Finance), Json(HttpMethod.Post, $"payment-runs/{run}/approve", new { }, service.OtherFinance)];
        }

        // An amount that the bank booked for a whole run comes before its transfers.
        if (await books.QueryFirstOrDefaultAsync<Guid?>(
            "select id from reconciliation_exception where status = 'open' order by transfer_id is not null, id") is { } exception)
        {
            return [.. new[] { "paid", "pay-rest", "pay-again", "vu" }.Select(word => Json(HttpMethod.Post, $"reconciliation/exceptions/{exception}/resolve", new { resolution = word, reason = "Vu avec la banque" }))];
        }

        var without = (await books.QueryAsync<Guid>("select provider_id from payee where iban is null")).Select(p => Json(HttpMethod.Put, $"payees/{p}", new { iban = TestProvider.RandomIban() })).ToList();
        var due = await books.QueryAsync<Guid>("select distinct programme_id from aid_grant where service_done_cents > ordered_cents order by programme_id");
        return without.Count > 0 ? without : [.. due.Select(p => Json(HttpMethod.Post, "payment-runs", new { programmeId = p, executionDate = service.Today }))];
    }

    private async Task<Asked?> ChangeBudgetAsync() => Any(await ProgrammesAsync()) is not { } programme || random.Next(-8_000_00, 8_000_00) is not (not 0 and var delta) ? null
        : Json(HttpMethod.Post, $"programmes/{programme}/budget", new { deltaCents = delta, reason = "Décision modificative" });

    private async Task<Asked?> PrepareAsync() =>
        Any((await books.QueryAsync<Guid>("select distinct programme_id from aid_grant where status in ('service-done', 'rejected') order by programme_id")).AsList()) is not { } programme ? null
        : Json(HttpMethod.Post, "payment-runs", new { programmeId = programme, executionDate = service.Today.AddDays(random.Next(4)) });

    private async Task<Asked?> ApproveAsync() => await PreparedAsync() is not { } run ? null : Json(HttpMethod.Post, $"payment-runs/{run}/approve", new { }, random.Next(5) == 0 ? service.Finance : service.OtherFinance);

    private async Task<Asked?> CancelAsync() => await PreparedAsync() is not { } run ? null : Json(HttpMethod.Post, $"payment-runs/{run}/cancel", new { reason = "Erreur" });

    private async Task<Guid?> PreparedAsync() => Any((await books.QueryAsync<Guid>("select id from payment_run where status = 'prepared' order by number")).AsList());

    private async Task<Asked?> ResolveAsync()
    {
        var open = (await books.QueryAsync<Guid>("select id from reconciliation_exception where status = 'open' order by id")).AsList();
        string[] words = ["pay-again", "pay-again", "pay-rest", "pay-rest", "paid", "paid", "vu avec la banque"];
        return Any(open) is not { } exception ? null
            : Json(HttpMethod.Post, $"reconciliation/exceptions/{exception}/resolve", new { resolution = words[random.Next(words.Length)], reason = "Vu avec la banque" });
    }

    private async Task<Asked?> RecoverAsync() =>
        Any((await books.QueryAsync<Guid>("select id from aid_grant where service_done_cents > 0 order by act_number")).AsList()) is not { } grant ? null
        : Json(HttpMethod.Post, $"grants/{grant}/recovery", new { amountCents = random.Next(2) == 0 ? (long?)null : random.Next(1, 500_00), reason = "Réclamation fondée" });

    private async Task<Asked?> SetAccountAsync() => Any((await books.QueryAsync<Guid>("select provider_id from payee order by name")).AsList()) is not { } payee ? null
        : Json(HttpMethod.Put, $"payees/{payee}", new { iban = TestProvider.RandomIban() });

    private Asked Json(HttpMethod method, string path, object body, string? token = null) => Asked.Json(method, path, body, token ?? service.Finance, Key());

    private Guid? Any(IReadOnlyList<Guid> ids) => ids.Count == 0 ? null : ids[random.Next(ids.Count)];

    private static string Key() => Guid.NewGuid().ToString();
}
