using System.Globalization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.PooledOrders.ProviderShares;

/// <summary><c>GET /api/pools/provider-shares/export?providerId=&amp;poolId=&amp;culture=fr</c>: the shares as CSV, one row per pool.</summary>
public sealed class ExportProviderShares : IEndpoint
{
    private static readonly Column<ShareView>[] Columns =
    [
        new("provider", "Prestataire", s => s.ProviderName),
        new("providerId", "Identifiant du prestataire", s => s.ProviderId),
        new("pool", "Achat groupé", s => s.PoolTitle),
        new("poolId", "Identifiant de l'achat", s => s.PoolId),
        new("closedAt", "Clôture", s => s.ClosedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new("commitments", "Engagements", s => s.CommitmentCount),
        new("invoiced", "Facturé TTC", s => new Euros(s.InvoicedCents)),
        new("aid", "Aides", s => new Euros(s.AidCents)),
        new("owed", "Dû par les entreprises", s => new Euros(s.OwedCents)),
        new("collected", "Encaissé", s => new Euros(s.CollectedCents)),
        new("refunded", "Remboursé", s => new Euros(s.RefundedCents)),
        new("toRefund", "À rembourser", s => new Euros(s.ToRefundCents)),
        new("due", "Reste dû", s => new Euros(s.DueCents)),
        new("due0To30", "Dû 0 à 30 jours", s => new Euros(s.Ageing.Days0To30Cents)),
        new("due31To60", "Dû 31 à 60 jours", s => new Euros(s.Ageing.Days31To60Cents)),
        new("due61To90", "Dû 61 à 90 jours", s => new Euros(s.Ageing.Days61To90Cents)),
        new("dueOver90", "Dû plus de 90 jours", s => new Euros(s.Ageing.DaysOver90Cents)),
    ];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/provider-shares/export", Write)
        .RequireRole(Roles.Finance, Roles.Buyer, Roles.Provider).Produces<string>(contentType: "text/csv").WithTags("Provider shares").WithSummary("The providers' shares as CSV");

    private static IResult Write(Guid? providerId, Guid? poolId, string? culture, Caller caller, TimeProvider clock, NpgsqlDataSource source)
    {
        if (CsvStyle.Of(culture) is not { } style)
        {
            return (Answer)CsvStyle.Unknown;
        }

        return ReadProviderShares.TrySee(caller, ref providerId)
            ? new CsvAnswer<ShareView>("provider-shares.csv", style, Columns, ReadAsync(source, clock.GetUtcNow().UtcDateTime, providerId, poolId))
            : (Answer)Problem.NotFound("provider");
    }

    private static async IAsyncEnumerable<ShareView> ReadAsync(NpgsqlDataSource source, DateTime now, Guid? providerId, Guid? poolId)
    {
        await using var db = await source.OpenConnectionAsync();
        await foreach (var row in db.QueryUnbufferedAsync<ShareRow>(ShareRow.Select + "order by v.provider_name, p.id", new { now, providerId, poolId }))
        {
            yield return row.ToView();
        }
    }
}
