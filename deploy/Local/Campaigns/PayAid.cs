using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>A credit transfer that was ordered.</summary>
/// <param name="Programme">Key of the programme.</param>
/// <param name="Provider">Key of the provider.</param>
internal sealed record Transfer(string Programme, string Provider, string Name, string EndToEndId, string Iban, long AmountCents);

/// <summary>Everything that was ordered, and the account that it is paid from.</summary>
internal sealed record Orders(string Debtor, IReadOnlyList<Transfer> Transfers);

/// <summary>
/// One payment run per programme: one person of finance prepares it, another approves it, and the file for the bank says
/// the same as the run.
/// </summary>
internal static class PayAid
{
    public static async Task<Orders> RunAsync(Stage stage, IReadOnlyList<CampaignEntry> programmes, List<string> faults, CancellationToken ct)
    {
        var providers = await ProvidersAsync(stage, ct);
        var transfers = new List<Transfer>();
        var debtor = "";
        foreach (var programme in programmes)
        {
            if (await PrepareAsync(stage, programme, ct) is not { } run)
            {
                continue;
            }

            var file = await ApproveAsync(stage, run.Text("id")!, faults, ct);
            debtor = file.DebtorIban;
            var ordered = run.Body.GetProperty("transfers").EnumerateArray().Select(transfer => Of(programme, providers, transfer)).ToList();
            if (!ordered.Select(transfer => (transfer.EndToEndId, transfer.Iban, transfer.AmountCents)).Order().SequenceEqual(file.Transfers.Order()))
            {
                faults.Add($"The bank's file of the run of {programme.Key} does not say what the run says.");
            }

            transfers.AddRange(ordered);
        }

        return new Orders(debtor, transfers);
    }

    /// <returns>The run, prepared by the first person of finance; null when nothing is due.</returns>
    public static async Task<ApiAnswer?> PrepareAsync(Stage stage, CampaignEntry programme, CancellationToken ct)
    {
        var body = new JsonObject { ["programmeId"] = stage.Programmes[programme.Key], ["executionDate"] = Stage.Day(stage.Today) };
        var run = await stage.Api.PostAsync("/api/subsidies/payment-runs", body, stage.Town.Finance, ct);
        return run.Problem == "nothing-due" ? null : run.OrThrow();
    }

    private static async Task<PaymentFile> ApproveAsync(Stage stage, string run, List<string> faults, CancellationToken ct)
    {
        var path = $"/api/subsidies/payment-runs/{run}";
        if ((await stage.Api.PostAsync($"{path}/approve", null, stage.Town.Finance, ct)).Problem != "four-eyes")
        {
            faults.Add("Who prepared a payment run could approve it.");
        }

        (await stage.Api.PostAsync($"{path}/approve", null, stage.Town.SecondFinance, ct)).OrThrow();
        return PaymentFile.Read((await stage.Api.GetAsync($"{path}/pain001", stage.Town.Finance, ct)).OrThrow().Content);
    }

    private static Transfer Of(CampaignEntry programme, Dictionary<string, CampaignEntry> providers, JsonElement transfer)
    {
        var provider = providers[transfer.GetProperty("providerId").GetString()!];
        return new Transfer(
            programme.Key, provider.Key, provider.Text("name")!, transfer.GetProperty("endToEndId").GetString()!, transfer.GetProperty("iban").GetString()!,
            Grants.Cents(transfer, "amountCents"));
    }

    /// <summary>The providers of the file by the id that the marketplace knows them by.</summary>
    private static async Task<Dictionary<string, CampaignEntry>> ProvidersAsync(Stage stage, CancellationToken ct)
    {
        var providers = new Dictionary<string, CampaignEntry>();
        foreach (var provider in stage.Campaign.Providers)
        {
            var me = (await stage.Api.GetAsync("/api/auth/me", stage.Providers[provider.Key], ct)).OrThrow().Body;
            providers[me.GetProperty("organisation").GetProperty("id").GetString()!] = provider;
        }

        return providers;
    }
}
