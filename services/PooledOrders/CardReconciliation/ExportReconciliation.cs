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
    private static readonly Column<StatementRow>[] Columns =
    [
        new("day", "Jour", r => r.Day),
        new("pool", "Achat groupé", r => r.PoolTitle),
        new("poolId", "Identifiant de l'achat", r => r.PoolId),
        new("business", "Entreprise", r => r.OrganisationName),
        new("siren", "SIREN", r => r.Siren),
        new("commitmentId", "Engagement", r => r.CommitmentId),
        new("outcome", "Rapprochement", r => r.Outcome),
        new("line", "Ligne", r => r.LineId),
        new("kind", "Nature", r => r.Kind),
        new("payment", "Paiement", r => r.PaymentIntentId),
        new("refund", "Remboursement", r => r.RefundId),
        new("recorded", "Enregistré", r => new Euros(r.RecordedCents)),
        new("statement", "Relevé", r => new Euros(r.StatementCents)),
        new("fee", "Frais", r => Euros.Of(r.FeeCents)),
        new("net", "Net", r => Euros.Of(r.NetCents)),
        new("difference", "Écart", r => new Euros(r.DifferenceCents)),
        new("currency", "Devise", r => r.Currency),
        new("payout", "Virement", r => r.PayoutId),
        new("payoutStatus", "État du virement", r => r.PayoutStatus),
        new("arrival", "Arrivée", r => r.ArrivalDate),
    ];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/card-reconciliation/export", WriteAsync)
        .RequireRole(Roles.Finance).Produces<string>(contentType: "text/csv").WithTags("Card reconciliation").WithSummary("The statement, one row per line, as CSV");

    private static async Task<IResult> WriteAsync(Guid? poolId, string? from, string? to, string? culture, StatementRefresh refresh, NpgsqlDataSource source, CancellationToken ct)
    {
        var period = Period.Parse(poolId, from, to);
        if (CsvStyle.Of(culture) is not { } style)
        {
            return (Answer)CsvStyle.Unknown;
        }

        await using (var db = await source.OpenConnectionAsync(ct))
        {
            if (!await period.IsKnownAsync(db))
            {
                return (Answer)Problem.NotFound("pool");
            }

            await refresh.ForReaderAsync(db, ct);
        }

        return new CsvAnswer<StatementRow>("card-reconciliation.csv", style, Columns, ReadAsync(source, period));
    }

    private static async IAsyncEnumerable<StatementRow> ReadAsync(NpgsqlDataSource source, Period period)
    {
        await using var db = await source.OpenConnectionAsync();
        await foreach (var row in db.QueryUnbufferedAsync<StatementRow>($"{StatementRow.Select} where {Period.Holds("m.at", "m.pool_id")} order by m.at, m.subject", period))
        {
            yield return row;
        }
    }
}
