using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.PooledOrders.CardReconciliation;
using Npgsql;

namespace Marketplace.PooledOrders.ProviderShares;

/// <summary><c>GET /api/pools/provider-shares/export?providerId=&amp;poolId=&amp;culture=fr</c>: the shares as CSV, one row per pool.</summary>
public sealed class ExportProviderShares : IEndpoint
{
    private static readonly string[] Columns =
    [
        "provider", "providerId", "pool", "poolId", "closedAt", "commitments", "invoiced", "aid", "owed", "collected", "refunded", "toRefund", "due",
        "due0To30", "due31To60", "due61To90", "dueOver90",
    ];

    private static readonly string[] FrenchColumns =
    [
        "Prestataire", "Identifiant du prestataire", "Achat groupé", "Identifiant de l'achat", "Clôture", "Engagements", "Facturé TTC", "Aides", "Dû par les entreprises",
        "Encaissé", "Remboursé", "À rembourser", "Reste dû", "Dû 0 à 30 jours", "Dû 31 à 60 jours", "Dû 61 à 90 jours", "Dû plus de 90 jours",
    ];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/provider-shares/export", Write)
        .RequireRole(Roles.Finance, Roles.Buyer, Roles.Provider).Produces<string>(contentType: "text/csv").WithTags("Provider shares").WithSummary("The providers' shares as CSV");

    private static IResult Write(Guid? providerId, Guid? poolId, string? culture, Caller caller, TimeProvider clock, NpgsqlDataSource source, CancellationToken ct)
    {
        if (culture is not (null or "fr" or "en"))
        {
            return (Answer)Problem.Invalid("culture", "fr or en.");
        }

        if (!ReadProviderShares.TrySee(caller, ref providerId))
        {
            return (Answer)Problem.NotFound("provider");
        }

        return Spreadsheet.Answer("provider-shares.csv", culture, culture == "fr" ? FrenchColumns : Columns, async sheet =>
        {
            await using var db = await source.OpenConnectionAsync(ct);
            var rows = db.QueryUnbufferedAsync<ShareRow>(ShareRow.Select + "order by v.provider_name, p.id", new { now = clock.GetUtcNow().UtcDateTime, providerId, poolId });
            await foreach (var row in rows.WithCancellation(ct))
            {
                await sheet.RowAsync(Fields(row.ToView()));
            }
        });
    }

    private static IEnumerable<object?> Fields(ShareView s) =>
    [
        s.ProviderName, s.ProviderId, s.PoolTitle, s.PoolId, s.ClosedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), s.CommitmentCount,
        new Cents(s.InvoicedCents), new Cents(s.AidCents), new Cents(s.OwedCents), new Cents(s.CollectedCents), new Cents(s.RefundedCents), new Cents(s.ToRefundCents), new Cents(s.DueCents),
        new Cents(s.Ageing.Days0To30Cents), new Cents(s.Ageing.Days31To60Cents), new Cents(s.Ageing.Days61To90Cents), new Cents(s.Ageing.DaysOver90Cents),
    ];
}
