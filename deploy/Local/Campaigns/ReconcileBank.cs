using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>Reads the reconciliation, and compares it with what was put into the statement.</summary>
internal static class ReconcileBank
{
    private const string Path = "/api/subsidies/reconciliation";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public static async Task<(ReconciliationOutcome Reconciliation, IReadOnlyList<TransferOutcome> Transfers)> RunAsync(
        Stage stage, IReadOnlyList<Transfer> transfers, IReadOnlyList<StatementLine> lines, List<string> faults, CancellationToken ct)
    {
        var meant = transfers.ToDictionary(transfer => transfer.EndToEndId, transfer => Meant(transfer, lines));
        var answer = await Stage.UntilAsync(
            () => stage.Api.GetAsync(Path, stage.Town.Finance, ct), answer => Exceptions(answer.OrThrow()).Count(exception => exception.Kind == LineKind.Missing) >= meant.Values.Count(kind => kind == LineKind.Missing), Interval,
            _ => "no missing transfer is told", ct);
        var exceptions = Exceptions(answer);
        var reconciliation = new ReconciliationOutcome(
            Sum(answer.Body.GetProperty("ordered")),
            Sum(answer.Body.GetProperty("exact")),
            exceptions.GroupBy(exception => exception.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Count()),
            exceptions,
            answer.Body.GetProperty("differenceCents").GetInt64());
        Check(reconciliation, transfers, lines, meant, faults);
        return (reconciliation, [.. transfers.Select(transfer => Outcome(transfer, meant[transfer.EndToEndId], exceptions))]);
    }

    private static void Check(
        ReconciliationOutcome reconciliation, IReadOnlyList<Transfer> transfers, IReadOnlyList<StatementLine> lines, Dictionary<string, string> meant, List<string> faults)
    {
        var exact = transfers.Where(transfer => meant[transfer.EndToEndId] == LineKind.Exact).ToList();
        Equal("exact transfers", new CountAndCents(exact.Count, exact.Sum(transfer => transfer.AmountCents)), reconciliation.Exact, faults);
        Equal("cents of unexplained difference", 0L, reconciliation.DifferenceCents, faults);
        var expected = lines.Where(line => line.Kind != LineKind.Exact && line.ReturnReason is null).Select(line => line.Kind)
            .Concat(meant.Values.Where(kind => kind == LineKind.Missing)).Order(StringComparer.Ordinal);
        Equal("exceptions", string.Join(", ", expected), string.Join(", ", reconciliation.ToResolve.Select(exception => exception.Kind).Order(StringComparer.Ordinal)), faults);
    }

    private static void Equal<T>(string what, T expected, T found, List<string> faults)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            faults.Add($"The reconciliation has other {what} than the statement was made for: {found}, not {expected}.");
        }
    }

    /// <summary>What the statement means to bring about for a transfer.</summary>
    private static string Meant(Transfer transfer, IReadOnlyList<StatementLine> lines) =>
        lines.FirstOrDefault(line => line.EndToEndId == transfer.EndToEndId)?.Kind ?? LineKind.Missing;

    private static TransferOutcome Outcome(Transfer transfer, string meant, IReadOnlyList<ExceptionOutcome> exceptions)
    {
        var kinds = exceptions.Where(exception => exception.EndToEndId == transfer.EndToEndId).Select(exception => exception.Kind).ToList();
        if (meant == LineKind.Exact)
        {
            kinds.Insert(0, LineKind.Exact);
        }

        return new TransferOutcome(transfer.Programme, transfer.Provider, transfer.EndToEndId, transfer.AmountCents, meant, string.Join(" + ", kinds));
    }

    private static List<ExceptionOutcome> Exceptions(ApiAnswer answer) =>
    [
        .. answer.Body.GetProperty("exceptions").EnumerateArray().Select(exception => new ExceptionOutcome(
            exception.GetProperty("kind").GetString()!, Text(exception, "endToEndId"), Number(exception, "expectedCents"), Number(exception, "amountCents"))),
    ];

    private static CountAndCents Sum(JsonElement part) => new(part.GetProperty("count").GetInt32(), part.GetProperty("cents").GetInt64());

    private static string? Text(JsonElement item, string field) => item.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static long? Number(JsonElement item, string field) =>
        item.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
