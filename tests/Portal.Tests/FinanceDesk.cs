using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Finance staff and the buyer in the browser, and through the API what others do before them.</summary>
internal sealed class FinanceDesk(PortalFixture portal) : IDisposable
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
    private readonly MarketplaceClient api = new(portal.Address);

    public Account Finance { get; } = new("finance", "finances@ville.example", portal.Password);

    public Account SecondFinance { get; } = new("finance", "ordonnateur@ville.example", portal.Password);

    public Account Buyer { get; } = new("buyer", "achats@ville.example", portal.Password);

    public BusinessDesk Businesses { get; } = new(portal);

    /// <summary>Today in France, by the marketplace's clock.</summary>
    public string Today => TimeZoneInfo.ConvertTime(portal.Now, Paris).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        api.Dispose();
        Businesses.Dispose();
    }

    /// <summary>Signs in on a new page.</summary>
    public Task<IPage> SignInAsync(Account account, int width = 1280, string language = "fr", bool scripts = true) => Businesses.SignInAsync(account, width, language, scripts);

    /// <summary>A programme of its own, so that nobody else's money is in it: 30 % without limits.</summary>
    public async Task<(Guid Id, string Name)> ProgrammeAsync(long budgetCents = 10_000_000)
    {
        var name = $"Fonds {RandomNumberGenerator.GetHexString(6)}";
        var body = new JsonObject
        {
            ["name"] = name,
            ["funder"] = "Ville",
            ["budgetCents"] = budgetCents,
            ["rateBps"] = 3000,
            ["categories"] = new JsonArray("antivirus"),
            ["territories"] = new JsonArray("59", "62"),
            ["deMinimis"] = false,
        };
        return (Guid.Parse((await api.PostAsync("/api/subsidies/programmes", body, Finance, Ct)).OrThrow().Text("id")!), name);
    }

    /// <summary>An open pool of 60 units, the minimum is 50, with this programme.</summary>
    public Task<Guid> PoolAsync(string title, Guid programme) => PoolAsync(title, null, programme);

    private async Task<Guid> PoolAsync(string title, Guid? onPack, Guid programme)
    {
        var pack = onPack?.ToString() ?? (await api.ListAsync("/api/catalog/packs", null, Ct)).First(p => p.GetProperty("providerName").GetString() == "Artois Cyber Services").GetProperty("id").GetString();
        var body = new JsonObject
        {
            ["packId"] = pack,
            ["title"] = title,
            ["opensAt"] = Instant(portal.Now.AddHours(-1)),
            ["closesAt"] = Instant(portal.Now.AddDays(10)),
            ["maxQuantity"] = 60,
            ["territories"] = new JsonArray("59", "62"),
            ["programmeIds"] = new JsonArray($"{programme}"),
        };
        return Guid.Parse((await api.PostAsync("/api/pools", body, Buyer, Ct)).OrThrow().Text("id")!);
    }

    /// <summary>A pool that a business fills, pays, gets and accepts: the programme's aid is due.</summary>
    /// <returns>What is due, in cents.</returns>
    public async Task<long> ServiceDoneAsync(Guid programme, Account? by = null, Guid? pack = null)
    {
        var pool = await PoolAsync($"Antivirus {RandomNumberGenerator.GetHexString(6)}", pack, programme);
        var business = await Businesses.RegisterAsync("Atelier <i>Zoé</i> 🌷");
        var commitment = await Businesses.CommitAsync(business, pool, 60);
        await Businesses.CloseAsync(pool);
        await UntilAsync(async () => (await api.GetAsync($"/api/commitments/{commitment}", business, Ct)).Text("status") == "paid", "paid");
        await Businesses.DeliverAsync(pool, commitment, 60, by);
        (await api.PostAsync($"/api/commitments/{commitment}/acceptance", new JsonObject { ["accepted"] = true }, business, Ct)).OrThrow();
        await UntilAsync(async () => (await GrantsAsync(programme)).Any(g => g.Status == "service-done"), "service-done");
        return (await GrantsAsync(programme)).Where(g => g.Status == "service-done").Sum(g => g.Cents);
    }

    /// <summary>The grants of a programme.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Status, long Cents)>> GrantsAsync(Guid programme) =>
        [.. (await api.ListAsync($"/api/subsidies/grants?programmeId={programme}", Finance, Ct)).Select(g => (g.GetProperty("id").GetGuid(), g.GetProperty("status").GetString()!, g.GetProperty("grantedCents").GetInt64()))];

    /// <summary>An approved payment run, through the API.</summary>
    public async Task<(Guid Id, string EndToEndId, string Iban, long Cents)> ApprovedRunAsync(Guid programme)
    {
        var run = (await api.PostAsync("/api/subsidies/payment-runs", new JsonObject { ["programmeId"] = $"{programme}", ["executionDate"] = Today }, Finance, Ct)).OrThrow();
        (await api.PostAsync($"/api/subsidies/payment-runs/{run.Text("id")}/approve", null, SecondFinance, Ct)).OrThrow();
        return await TransferAsync(Guid.Parse(run.Text("id")!));
    }

    /// <summary>Somebody tries to approve a run by a call of their own.</summary>
    /// <returns>Why it is refused.</returns>
    public async Task<string?> ApproveAsync(Guid run, Account who) => (await api.PostAsync($"/api/subsidies/payment-runs/{run}/approve", null, who, Ct)).Problem;

    /// <summary>The only transfer of a run.</summary>
    public async Task<(Guid Id, string EndToEndId, string Iban, long Cents)> TransferAsync(Guid run)
    {
        var transfer = (await api.GetAsync($"/api/subsidies/payment-runs/{run}", Finance, Ct)).OrThrow().Body.GetProperty("transfers").EnumerateArray().Single();
        return (run, transfer.GetProperty("endToEndId").GetString()!, transfer.GetProperty("iban").GetString()!, transfer.GetProperty("amountCents").GetInt64());
    }

    /// <summary>A bank statement, of which each line is an amount that left the town's account.</summary>
    public byte[] Statement(params (string EndToEndId, string Iban, long Cents)[] lines) => Encoding.UTF8.GetBytes(
        "bookingDate,amountCents,currency,endToEndId,iban,reference\n" + string.Concat(lines.Select(l => $"{Today},{l.Cents},EUR,{l.EndToEndId},{l.Iban},{RandomNumberGenerator.GetHexString(8)}\n")));

    /// <summary>An end-to-end id that no run of ours has.</summary>
    public static string Strange() => $"LOYER-{RandomNumberGenerator.GetHexString(20)}";

    /// <summary>Imports a statement through the API.</summary>
    public async Task<Guid> ImportAsync(params (string EndToEndId, string Iban, long Cents)[] lines) =>
        Guid.Parse((await api.PostFileAsync("/api/subsidies/bank-statements", Statement(lines), "text/csv", Finance, Ct)).OrThrow().Text("id")!);

    /// <summary>The exception of this kind that a statement raised.</summary>
    public async Task<Guid> ExceptionAsync(Guid statement, string kind) =>
        (await api.ListAsync($"/api/subsidies/reconciliation/exceptions?status=open&kind={kind}", Finance, Ct)).Single(e => e.GetProperty("statementId").GetGuid() == statement).GetProperty("id").GetGuid();

    /// <summary>A card is charged for nothing of ours, and the payment provider's statement is read again.</summary>
    /// <returns>The exception.</returns>
    public async Task<Guid> StrangeChargeAsync(long cents)
    {
        using var provider = new HttpClient { BaseAddress = portal.PaymentProvider.Address };
        provider.DefaultRequestHeaders.Authorization = new("Bearer", portal.PaymentProvider.Key);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["amount"] = $"{cents}", ["currency"] = "eur", ["payment_method"] = "pm_card_visa", ["confirm"] = "true", ["off_session"] = "true" });
        (await provider.PostAsync("v1/payment_intents", form, Ct)).EnsureSuccessStatusCode();
        (await api.PostAsync("/api/pools/card-reconciliation/refresh", null, Finance, Ct)).OrThrow();
        return (await api.ListAsync("/api/pools/card-reconciliation/exceptions?status=open&kind=unknown", Finance, Ct)).First(e => e.GetProperty("statementCents").GetInt64() == cents).GetProperty("id").GetGuid();
    }

    /// <summary>Sends a statement by the page.</summary>
    public static async Task SendAsync(IPage page, byte[] statement, string name = "releve.csv")
    {
        await page.GotoAsync("/finances/releves");
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "text/csv", Buffer = statement });
        await page.GetByRole(AriaRole.Button, new() { Name = "Importer le relevé" }).ClickAsync();
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        for (var tries = 0; tries < 150; tries++)
        {
            if (await isSo())
            {
                return;
            }

            await Task.Delay(200, Ct);
        }

        Assert.Fail($"After half a minute it is not {what}.");
    }
}
