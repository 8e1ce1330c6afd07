using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>Has the ledger verified, and adds up the same money in three places: envelopes, ledger, grants.</summary>
internal static class AddUp
{
    /// <summary>Accounts of money that is in no grant.</summary>
    private static readonly string[] Unengaged = ["voted", "available"];

    public static async Task<(LedgerOutcome Ledger, SumsOutcome Sums)> RunAsync(Stage stage, List<string> faults, CancellationToken ct)
    {
        var verification = (await stage.Api.GetAsync("/api/subsidies/ledger/verification", stage.Town.Finance, ct)).OrThrow().Body;
        var ledger = new LedgerOutcome(verification.GetProperty("entries").GetInt64(), verification.GetProperty("balanced").GetBoolean(), verification.GetProperty("chainIntact").GetBoolean());
        if (ledger is not { Entries: > 0, Balanced: true, ChainIntact: true })
        {
            faults.Add($"The ledger does not verify: {verification.GetRawText()}");
        }

        var balances = (await stage.Api.GetAsync("/api/subsidies/ledger/balances", stage.Town.Finance, ct)).OrThrow().Body.GetProperty("items").EnumerateArray().ToList();
        var total = new SumsOutcome(0, 0, 0);
        foreach (var (key, id) in stage.Programmes)
        {
            var sums = new SumsOutcome(await HeldAsync(stage, id, ct), balances.Where(balance => IsOf(balance, id)).Sum(balance => Grants.Cents(balance, "balanceCents")), await GrantedAsync(stage, id, ct));
            if (!sums.AreEqual)
            {
                faults.Add($"Of {key}, the envelope holds {sums.EnvelopesCents} cents, the ledger {sums.LedgerCents}, and the grants come to {sums.GrantsCents}.");
            }

            total = new SumsOutcome(total.EnvelopesCents + sums.EnvelopesCents, total.LedgerCents + sums.LedgerCents, total.GrantsCents + sums.GrantsCents);
        }

        return (ledger, total);
    }

    private static async Task<long> HeldAsync(Stage stage, string programme, CancellationToken ct)
    {
        var body = (await stage.Api.GetAsync($"/api/subsidies/programmes/{programme}", stage.Town.Finance, ct)).OrThrow().Body;
        return Grants.Cents(body, "reservedCents") + Grants.Cents(body, "grantedCents") + Grants.Cents(body, "paidCents") + Grants.Cents(body, "recoveredCents");
    }

    private static async Task<long> GrantedAsync(Stage stage, string programme, CancellationToken ct) =>
        (await stage.Api.ListAsync($"/api/subsidies/grants?programmeId={programme}", stage.Town.Finance, ct)).Sum(grant => Grants.Cents(grant, "reservedCents") + Grants.Cents(grant, "grantedCents"));

    private static bool IsOf(JsonElement balance, string programme) =>
        balance.GetProperty("programmeId").GetString() == programme && !Unengaged.Contains(balance.GetProperty("account").GetString());
}
