using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>Finance imports the bank's statement, and the same file once more: the second time nothing may change.</summary>
internal static class ImportStatement
{
    public static async Task<(ImportOutcome First, ImportOutcome Again)> TwiceAsync(
        Stage stage, byte[] statement, IReadOnlyList<StatementLine> lines, List<string> faults, CancellationToken ct)
    {
        var first = await ImportAsync(stage, statement, ct);
        var before = await StateAsync(stage, ct);
        var again = await ImportAsync(stage, statement, ct);
        if (before != await StateAsync(stage, ct))
        {
            faults.Add("Importing the same statement again changed the reconciliation or the ledger.");
        }

        Check(first, new ImportOutcome(lines.Count, 0), "statement", faults);
        Check(again, new ImportOutcome(0, lines.Count), "same statement again", faults);
        return (first, again);
    }

    private static void Check(ImportOutcome outcome, ImportOutcome expected, string what, List<string> faults)
    {
        if (outcome != expected)
        {
            faults.Add($"Of the {what}, {outcome.Imported} lines were imported and {outcome.AlreadyKnown} known, where {expected.Imported} and {expected.AlreadyKnown} had to be.");
        }
    }

    public static async Task<ImportOutcome> ImportAsync(Stage stage, byte[] statement, CancellationToken ct)
    {
        var body = (await stage.Api.PostFileAsync("/api/subsidies/bank-statements", statement, "application/xml", stage.Town.Finance, ct)).OrThrow().Body;
        return new ImportOutcome(body.GetProperty("imported").GetInt32(), body.GetProperty("alreadyKnown").GetInt32());
    }

    /// <summary>What an import can change, as one text.</summary>
    private static async Task<string> StateAsync(Stage stage, CancellationToken ct)
    {
        var parts = new List<JsonElement>();
        foreach (var path in (string[])["/api/subsidies/reconciliation", "/api/subsidies/ledger/verification", "/api/subsidies/ledger/balances"])
        {
            parts.Add((await stage.Api.GetAsync(path, stage.Town.Finance, ct)).OrThrow().Body);
        }

        return JsonSerializer.Serialize(parts);
    }
}
