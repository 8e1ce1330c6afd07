using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// <c>GET /api/pools/{id}/orders?format=csv[&amp;culture=fr]</c>: the order file of an awarded pool, for its provider and
/// the buyer: one row per allocated commitment, in join order. UTF-8 with BOM, RFC 4180; <c>culture=fr</c> for French
/// spreadsheets (semicolons, decimal commas). Texts that a spreadsheet would take for a formula are disarmed.
/// </summary>
public sealed class OrderFile : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/{id:guid}/orders", WriteAsync)
        .RequireRole(Roles.Provider, Roles.Buyer).Produces<string>(200, "text/csv").WithTags("Delivery").WithSummary("The order file of an awarded pool (CSV)");

    private static readonly Column<CommitmentRow>[] Columns =
    [
        new("Commitment", "Engagement", c => c.Id),
        new("Business", "Entreprise", c => c.OrganisationName),
        new("SIREN", "SIREN", c => c.Siren),
        new("SIRET", "SIRET", c => c.Siret),
        new("Quantity", "Quantité", c => c.AllocatedQuantity),
        new("Unit price", "Prix unitaire HT", c => Euros.Of(c.UnitPriceCents)),
        new("Net", "Montant HT", c => Euros.Of(c.NetCents)),
        new("VAT", "TVA", c => Euros.Of(c.VatCents)),
        new("Status", "État", c => c.Status),
        new("Delivered", "Quantité livrée", c => c.DeliveredQuantity),
        new("Delivered on", "Livré le", c => c.DeliveredOn),
    ];

    private static async Task<IResult> WriteAsync(Guid id, string? format, string? culture, Session session, Caller caller, CancellationToken ct)
    {
        if (format is not (null or "csv"))
        {
            return (Answer)Problem.Invalid("format", "The only format is csv.");
        }

        if (CsvStyle.Of(culture) is not { } style)
        {
            return (Answer)CsvStyle.Unknown;
        }

        var db = await session.OpenAsync(ct);
        if (await PoolRow.FindAsync(db, id) is not { } pool || !caller.Has(Roles.Buyer) && pool.ProviderId != caller.OrganisationId)
        {
            return (Answer)Problem.NotFound("pool");
        }

        if (!PoolStatus.Awarded.Contains(pool.Status))
        {
            return (Answer)Problem.Conflict("wrong-status", "Only an awarded pool has orders.", $"This one is {pool.Status}.");
        }

        var orders = db.QueryUnbufferedAsync<CommitmentRow>(CommitmentRow.Select + "where c.pool_id = @id and c.allocated_quantity is not null order by c.joined_at, c.id", new { id });
        return new CsvAnswer<CommitmentRow>($"orders-{id}.csv", style, Columns, orders);
    }
}
