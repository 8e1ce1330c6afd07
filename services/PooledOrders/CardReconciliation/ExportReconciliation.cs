using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// <c>GET /api/pools/card-reconciliation/export?poolId=&amp;from=&amp;to=&amp;culture=fr</c>: one row per line of the statement, and per
/// record that has none. Read and written row by row.
/// </summary>
public sealed class ExportReconciliation : IEndpoint
{
    private static readonly string[] Columns =
    [
        "day", "pool", "poolId", "business", "siren", "commitmentId", "outcome", "line", "kind", "payment", "refund",
        "recorded", "statement", "fee", "net", "difference", "currency", "payout", "payoutStatus", "arrival",
    ];

    private static readonly string[] FrenchColumns =
    [
        "Jour", "Achat groupé", "Identifiant de l'achat", "Entreprise", "SIREN", "Engagement", "Rapprochement", "Ligne", "Nature", "Paiement", "Remboursement",
        "Enregistré", "Relevé", "Frais", "Net", "Écart", "Devise", "Virement", "État du virement", "Arrivée",
    ];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/card-reconciliation/export", WriteAsync)
        .RequireRole(Roles.Finance).Produces<string>(contentType: "text/csv").WithTags("Card reconciliation").WithSummary("The statement, one row per line, as CSV");

    private static async Task<IResult> WriteAsync(Guid? poolId, string? from, string? to, string? culture, StatementRefresh refresh, NpgsqlDataSource source, CancellationToken ct)
    {
        var period = Period.Parse(poolId, from, to);
        if (culture is not (null or "fr" or "en"))
        {
            return (Answer)Problem.Invalid("culture", "fr or en.");
        }

        await using (var db = await source.OpenConnectionAsync(ct))
        {
            if (!await period.IsKnownAsync(db))
            {
                return (Answer)Problem.NotFound("pool");
            }

            await refresh.ForReaderAsync(db, ct);
        }

        return Spreadsheet.Answer("card-reconciliation.csv", culture, culture == "fr" ? FrenchColumns : Columns, async sheet =>
        {
            await using var db = await source.OpenConnectionAsync(ct);
            var rows = db.QueryUnbufferedAsync<StatementRow>($"{StatementRow.Select} where {Period.Holds("m.at", "m.pool_id")} order by m.at, m.subject", period);
            await foreach (var row in rows.WithCancellation(ct))
            {
                await sheet.RowAsync(row.Fields());
            }
        });
    }
}
