using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>Tests that share one service whose bank statements they import.</summary>
[CollectionDefinition(Name)]
public sealed class SharedReconcilingService : ICollectionFixture<ReconcilingService>
{
    public const string Name = "reconciling subsidies";
}

/// <summary>A transfer of an approved run, as the bank gets it.</summary>
public sealed record OrderedTransfer(Guid Id, Guid RunId, string RunNumber, Guid Programme, string EndToEndId, string Iban, long Cents);

/// <summary>One line of a CSV statement.</summary>
public sealed record Line(long Cents, string? EndToEndId = null, string? Iban = null, string? Reference = null, string? Day = null)
{
    public override string ToString() => $"{Day ?? ServiceDone.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)},{Cents},EUR,{EndToEndId},{Iban},{Reference}";
}

/// <summary>The service with approved runs and a bank.</summary>
public sealed class ReconcilingService(TestPostgres postgres) : IAsyncLifetime
{
    private Bank? bank;

    public Bank Bank => bank!;

    public async ValueTask InitializeAsync() =>
        bank = new Bank(await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: ServiceDone.Debtor));

    public ValueTask DisposeAsync() => bank?.Service.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>What finance staff and the bank do in these tests, through the API.</summary>
public sealed class Bank(ServiceProcess service)
{
    public ServiceProcess Service { get; } = service;

    public string Finance { get; } = service.Identity.Staff(Roles.Finance);

    /// <summary>An approved run of a new programme: one provider for each amount, in their order.</summary>
    public async Task<IReadOnlyList<OrderedTransfer>> OrderAsync(params long[] cents)
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var providers = new List<TestProvider>();
        foreach (var amount in cents)
        {
            providers.Add(TestProvider.New());
            await ServiceDone.DeliverAsync(Service, programme, providers[^1], 2 * amount);
        }

        return await OrderAsync(programme, providers);
    }

    /// <summary>An approved run of what is due to these providers.</summary>
    public async Task<IReadOnlyList<OrderedTransfer>> OrderAsync(Guid programme, IReadOnlyList<TestProvider> providers)
    {
        var run = await ServiceDone.ApprovedRunAsync(Service, programme);
        return Of(run, providers);
    }

    /// <summary>The transfers of a run, in the order of the providers.</summary>
    public static IReadOnlyList<OrderedTransfer> Of(JsonElement run, IReadOnlyList<TestProvider> providers)
    {
        var transfers = run.GetProperty("transfers").EnumerateArray().Select(t => new OrderedTransfer(
            t.GetProperty("id").GetGuid(), run.GetProperty("id").GetGuid(), run.GetProperty("number").GetString()!, run.GetProperty("programmeId").GetGuid(),
            t.GetProperty("endToEndId").GetString()!, t.GetProperty("iban").GetString()!, t.GetProperty("amountCents").GetInt64())).ToDictionary(t => t.Iban);
        return [.. providers.Select(p => transfers[p.Iban!])];
    }

    public static string Csv(params IEnumerable<Line> lines) =>
        string.Join('\n', lines.Select(l => l.ToString()).Prepend("bookingDate,amountCents,currency,endToEndId,iban,reference")) + "\n";

    public Task<HttpAnswer> ImportAsync(params IEnumerable<Line> lines) => SendAsync(Csv(lines));

    public async Task<HttpAnswer> SendAsync(string content, string type = "text/csv", string? key = null, string? token = null, bool withKey = true, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/subsidies/bank-statements");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Finance);
        if (withKey)
        {
            request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        }

        using var response = await (client ?? Service.Http).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer(response.StatusCode, response.Headers, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>The counts of an import, which has to succeed.</summary>
    public static (int Imported, int AlreadyKnown, int Exact, int Exceptions) Counts(HttpAnswer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}");
        return (answer.Body.GetProperty("imported").GetInt32(), answer.Body.GetProperty("alreadyKnown").GetInt32(), answer.Body.GetProperty("exact").GetInt32(), answer.Body.GetProperty("exceptions").GetInt32());
    }

    /// <summary>The reconciliation of a programme, in which the bank and the ledger agree.</summary>
    public async Task<JsonElement> ReconciliationAsync(Guid programme, string more = "")
    {
        var answer = await Service.GetAsync($"/api/subsidies/reconciliation?programmeId={programme}{more}", Finance);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}");
        Assert.Equal(0, answer.Body.GetProperty("differenceCents").GetInt64());
        return answer.Body;
    }

    /// <summary>The open exceptions of a transfer's programme that are about it or its run.</summary>
    public async Task<IReadOnlyList<JsonElement>> OpenAsync(OrderedTransfer transfer) =>
        [.. (await ReconciliationAsync(transfer.Programme)).GetProperty("exceptions").EnumerateArray().Where(e => e.GetProperty("runId").ToString() == transfer.RunId.ToString())];

    /// <summary>The one open exception, of this kind.</summary>
    public async Task<JsonElement> OneOpenAsync(OrderedTransfer transfer, string kind)
    {
        var exception = Assert.Single(await OpenAsync(transfer));
        Assert.Equal(kind, exception.GetProperty("kind").GetString());
        return exception;
    }

    public Task<HttpAnswer> ResolveAsync(JsonElement exception, string? resolution, string? reason = "Seen with the bank") =>
        Service.PostAsync($"/api/subsidies/reconciliation/exceptions/{exception.GetProperty("id").GetGuid()}/resolve", new { resolution, reason }, Finance);

    /// <summary>The state of a transfer, and what its grants hold: status, ordered and paid.</summary>
    public async Task<(string Status, IReadOnlyList<(string Status, long OrderedCents, long PaidCents)> Grants)> StateAsync(OrderedTransfer transfer)
    {
        await using var db = new NpgsqlConnection(Service.ConnectionString);
        var status = await db.QuerySingleAsync<string>("select status from payment_transfer where id = @Id", transfer);
        var grants = await db.QueryAsync<(string, long, long)>(
            "select g.status, g.ordered_cents, g.paid_cents from transfer_grant t join aid_grant g on g.id = t.grant_id where t.transfer_id = @Id order by g.id", transfer);
        return (status, grants.AsList());
    }

    public async Task AssertStateAsync(OrderedTransfer transfer, string status, params (string Status, long OrderedCents, long PaidCents)[] grants)
    {
        var state = await StateAsync(transfer);
        Assert.Equal(status, state.Status);
        Assert.Equal(grants, state.Grants);
    }

    /// <summary>The ledger verifies; asked by every test at its end.</summary>
    public Task AssertVerifiedAsync() => ServiceDone.AssertVerifiedAsync(Service);
}
