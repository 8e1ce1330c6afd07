using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>Programmes, accredited providers with their listed packs, and businesses: all that must be there before the first pool.</summary>
internal static class PrepareMarketplace
{
    public static async Task RunAsync(Stage stage, CancellationToken ct)
    {
        await stage.Town.HireAsync(stage.Api, ct);
        await Task.WhenAll(
            Parallel(stage.Campaign.Programmes, ct, (programme, stop) => CreateProgrammeAsync(stage, programme, stop)),
            ProvidersAndPacksAsync(stage, ct),
            Parallel(stage.Campaign.Businesses, ct, (business, stop) => RegisterBusinessAsync(stage, business, stop)));
    }

    private static Task Parallel(IReadOnlyList<CampaignEntry> entries, CancellationToken ct, Func<CampaignEntry, CancellationToken, Task> act) =>
        System.Threading.Tasks.Parallel.ForEachAsync(
            entries, new ParallelOptions { MaxDegreeOfParallelism = Stage.Parallel, CancellationToken = ct }, async (entry, stop) => await act(entry, stop));

    private static async Task ProvidersAndPacksAsync(Stage stage, CancellationToken ct)
    {
        await Parallel(stage.Campaign.Providers, ct, (provider, stop) => AccreditProvider.RunAsync(stage, provider, stop));
        await Parallel(stage.Campaign.Packs, ct, (pack, stop) => ListPackAsync(stage, pack, stop));
    }

    private static async Task CreateProgrammeAsync(Stage stage, CampaignEntry programme, CancellationToken ct)
    {
        var body = programme.Without();
        body["deMinimis"] ??= false;
        var created = (await stage.Api.PostAsync("/api/subsidies/programmes", body, stage.Town.Finance, ct)).OrThrow();
        stage.Programmes[programme.Key] = created.Text("id")!;
        stage.Step($"Programme {programme.Text("name")}");
    }

    private static async Task ListPackAsync(Stage stage, CampaignEntry pack, CancellationToken ct)
    {
        var provider = stage.Providers[pack.Text("provider")!];
        var body = pack.Without("provider");
        body["description"] ??= pack.Text("name");
        body["attributes"] ??= new JsonObject();
        var created = (await stage.Api.PostAsync("/api/catalog/packs", body, provider, ct)).OrThrow();
        var id = created.Text("id")!;
        (await Stage.AgainWhileLateAsync(() => stage.Api.PostAsync($"/api/catalog/packs/{id}/list", null, provider, ct), ct)).OrThrow();
        stage.Packs[pack.Key] = id;
        stage.Step($"Pack {pack.Text("name")}");
    }

    private static async Task RegisterBusinessAsync(Stage stage, CampaignEntry business, CancellationToken ct)
    {
        var account = await RegisterAsync(stage, "business", business, ct);
        stage.Businesses[business.Key] = account;
        if (business.Fields["declaredAid"] is not null || business.Fields["linkedSirens"] is not null)
        {
            var body = new JsonObject
            {
                ["linkedSirens"] = business.Fields["linkedSirens"]?.DeepClone() ?? new JsonArray(),
                ["declaredAid"] = business.Fields["declaredAid"]?.DeepClone() ?? new JsonArray(),
            };
            (await stage.Api.PutAsync($"/api/subsidies/beneficiaries/{business.Siren}", body, account, ct)).OrThrow();
        }

        stage.Step($"Business {business.Text("name")}");
    }

    /// <summary>Registers a provider or a business as it would itself.</summary>
    public static async Task<Account> RegisterAsync(Stage stage, string kind, CampaignEntry entry, CancellationToken ct)
    {
        var account = stage.NewAccount(kind, entry);
        var organisation = entry.Without("email", "categories", "territories", "linkedSirens", "declaredAid");
        organisation["kind"] = kind;
        if (kind == "provider")
        {
            organisation["iban"] ??= ExampleIban.Of(entry.Text("siret")!);
        }

        var body = new JsonObject
        {
            ["email"] = account.Email,
            ["password"] = account.Password,
            ["displayName"] = entry.Text("name"),
            ["organisation"] = organisation,
        };
        (await stage.Api.PostAsync("/api/auth/register", body, null, ct)).OrThrow();
        return account;
    }
}
