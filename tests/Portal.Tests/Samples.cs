using System.Security.Cryptography;
using Marketplace.Local.Campaigns;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Real things for the pages of <see cref="Visits"/>: every state of a page that somebody meets.</summary>
internal sealed class Samples(PortalFixture portal) : IDisposable
{
    private const string Nasty = "<b>Fleurs</b> \u202eRTL\u202c & Cie 🌷";
    private readonly FinanceDesk finance = new(portal);
    private readonly ProviderDesk providers = new(portal);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        finance.Dispose();
        providers.Dispose();
    }

    /// <summary>Who reads, nobody for a visitor, and the ids of what they read by name.</summary>
    public async Task<(Account? Who, IReadOnlyDictionary<string, string> Ids)> OfAsync(string reader) => reader switch
    {
        "visitor" => (null, new Dictionary<string, string> { ["pool"] = $"{portal.OpenPool}", ["pack"] = await PackAsync() }),
        "business" => await BusinessAsync(),
        "newcomer" => (await finance.Businesses.RegisterAsync(Nasty), new Dictionary<string, string>()),
        "provider" => (providers.Campaign, await ProviderAsync()),
        "new-provider" => (await providers.RegisterAsync(Nasty), new Dictionary<string, string>()),
        "assessor" => (providers.Assessor, await AssessorAsync()),
        "second-assessor" => (providers.SecondAssessor, await AssessorAsync()),
        "buyer" => (finance.Buyer, await BuyerAsync()),
        "finance" => (finance.Finance, await FinanceAsync()),
        "admin" => (portal.Admin, new Dictionary<string, string> { ["member"] = await FirstAsync("/api/auth/staff", portal.Admin) }),
        _ => throw new ArgumentOutOfRangeException(nameof(reader)),
    };

    /// <summary>Signs in on a new page.</summary>
    public Task<IPage> SignInAsync(Account who, string language) => finance.SignInAsync(who, language: language);

    private async Task<(Account?, IReadOnlyDictionary<string, string>)> BusinessAsync()
    {
        var business = new Account("business", "b01@entreprise.example", portal.Password);
        var joined = await OpenPoolAsync();
        return (business, new Dictionary<string, string>
        {
            ["paid"] = $"{(await finance.Businesses.CommitmentsAsync(business)).First(c => c.Status == "paid").Id}",
            ["joined"] = $"{joined}",
            ["free"] = $"{await OpenPoolAsync()}",
            ["open"] = $"{await finance.Businesses.CommitAsync(business, joined, 3)}",
        });
    }

    private async Task<IReadOnlyDictionary<string, string>> ProviderAsync()
    {
        var confirmed = $"{await ConfirmedPoolAsync()}";
        return new Dictionary<string, string>
        {
            ["draft"] = $"{await providers.ApplyAsync(providers.Campaign, complete: false, submitted: false)}",
            ["pack"] = await PackAsync(),
            ["confirmed"] = confirmed,
            ["order"] = $"{(await providers.OrdersAsync(Guid.Parse(confirmed)))[0].Id}",
            ["pool"] = $"{portal.OpenPool}",
        };
    }

    private async Task<IReadOnlyDictionary<string, string>> AssessorAsync()
    {
        var provider = await providers.RegisterAsync(Nasty);
        var (submitted, evaluated, granted) = (await providers.ApplyAsync(provider), await providers.ApplyAsync(provider), await providers.ApplyAsync(provider));
        await providers.EvaluateAsync(evaluated);
        return new Dictionary<string, string>
        {
            ["submitted"] = $"{submitted}",
            ["evaluated"] = $"{evaluated}",
            ["granted"] = $"{granted}",
            ["accreditation"] = $"{await providers.GrantAsync(granted)}",
        };
    }

    private async Task<IReadOnlyDictionary<string, string>> BuyerAsync()
    {
        var (programme, _) = await finance.ProgrammeAsync();
        var pool = await finance.PoolAsync("Groupement à suivre 🌷", programme);
        return new Dictionary<string, string>
        {
            ["pack"] = await PackAsync(),
            ["pool"] = $"{pool}",
            ["commitment"] = $"{await finance.Businesses.CommitAsync(await finance.Businesses.RegisterAsync(Nasty), pool, 55)}",
            ["empty"] = $"{portal.OpenPool}",
        };
    }

    private async Task<IReadOnlyDictionary<string, string>> FinanceAsync()
    {
        var (programme, _) = await finance.ProgrammeAsync();
        await finance.ServiceDoneAsync(programme);
        var run = await finance.ApprovedRunAsync(programme);
        var statement = await finance.ImportAsync((run.EndToEndId, run.Iban, run.Cents), (run.EndToEndId, run.Iban, run.Cents), (FinanceDesk.Strange(), "DE89370400440532013000", run.Cents));
        return new Dictionary<string, string>
        {
            ["programme"] = $"{programme}",
            ["grant"] = $"{(await finance.GrantsAsync(programme))[0].Id}",
            ["run"] = $"{run.Id}",
            ["payee"] = await FirstAsync("/api/subsidies/payees", finance.Finance, "providerId"),
            ["statement"] = $"{statement}",
            ["duplicate"] = $"{await finance.ExceptionAsync(statement, "duplicate")}",
            ["unknown"] = $"{await finance.ExceptionAsync(statement, "unknown")}",
            ["charge"] = $"{await finance.StrangeChargeAsync(777)}",
        };
    }

    /// <summary>Of the campaign; other tests have confirmed pools of other providers.</summary>
    private async Task<Guid> ConfirmedPoolAsync()
    {
        using var api = new MarketplaceClient(portal.Address);
        return (await api.ListAsync("/api/pools?status=confirmed", null, Ct)).First(p => p.GetProperty("pack").GetProperty("providerName").GetString() == "Artois Cyber Services").GetProperty("id").GetGuid();
    }

    private Task<Guid> OpenPoolAsync() => portal.OpenPoolAsync($"Pages {RandomNumberGenerator.GetHexString(6)}");

    private async Task<string> PackAsync()
    {
        using var api = new MarketplaceClient(portal.Address);
        return (await api.ListAsync("/api/catalog/packs", null, Ct)).First(p => p.GetProperty("providerName").GetString() == "Artois Cyber Services").GetProperty("id").GetString()!;
    }

    private async Task<string> FirstAsync(string list, Account? who, string id = "id")
    {
        using var api = new MarketplaceClient(portal.Address);
        return (await api.GetAsync(list, who, Ct)).OrThrow().Body.GetProperty("items")[0].GetProperty(id).GetString()!;
    }
}
