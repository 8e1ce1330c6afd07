using System.Globalization;
using CsvHelper;
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

    private static readonly string[] Headings = ["Commitment", "Business", "SIREN", "SIRET", "Quantity", "Unit price", "Net", "VAT", "Status", "Delivered", "Delivered on"];
    private static readonly string[] FrenchHeadings = ["Engagement", "Entreprise", "SIREN", "SIRET", "Quantité", "Prix unitaire HT", "Montant HT", "TVA", "État", "Quantité livrée", "Livré le"];

    private static async Task WriteAsync(Guid id, string? format, string? culture, HttpContext context, Session session, Caller caller, CancellationToken ct)
    {
        if (format is not (null or "csv") || culture is not (null or "fr" or "en"))
        {
            throw PageQuery.Refused(format is null or "csv" ? "culture" : "format", format is null or "csv" ? "One of en, fr." : "Only csv.");
        }

        var db = await session.OpenAsync(ct);
        if (await PoolRow.FindAsync(db, id) is not { } pool || !caller.Has(Roles.Buyer) && pool.ProviderId != caller.OrganisationId)
        {
            await ((Answer)Problem.NotFound("pool")).ExecuteAsync(context);
            return;
        }

        if (!PoolStatus.Awarded.Contains(pool.Status))
        {
            await ((Answer)Problem.Conflict("wrong-status", "Only an awarded pool has orders.", $"This one is {pool.Status}.")).ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"orders-{id}.csv\"";
        var isFrench = culture == "fr";
        await using var csv = CsvWriter.Create(context.Response.Body, Format(isFrench), leaveOpen: true);
        await csv.WriteRecordAsync(isFrench ? FrenchHeadings : Headings, ct);
        var orders = db.QueryUnbufferedAsync<CommitmentRow>(CommitmentRow.Select + "where c.pool_id = @id and c.allocated_quantity is not null order by c.joined_at, c.id", new { id });
        await foreach (var order in orders.WithCancellation(ct))
        {
            await csv.WriteRecordAsync(Fields(order, isFrench), ct);
        }
    }

    private static string?[] Fields(CommitmentRow c, bool isFrench) =>
    [
        c.Id.ToString(), c.OrganisationName, c.Siren, c.Siret, $"{c.AllocatedQuantity}", Euros(c.UnitPriceCents, isFrench), Euros(c.NetCents, isFrench), Euros(c.VatCents, isFrench),
        c.Status, $"{c.DeliveredQuantity}", c.DeliveredOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    ];

    private static string? Euros(long? cents, bool isFrench)
    {
        var text = (cents / 100m)?.ToString("0.00", CultureInfo.InvariantCulture);
        return isFrench ? text?.Replace('.', ',') : text;
    }

    private static CsvWriterOptions Format(bool isFrench) => CsvWriterOptions.Default with
    {
        Separator = isFrench ? ';' : ',',
        NewLine = "\r\n",
        Injection = CsvInjection.Escape,
        WriteByteOrderMark = true,
    };
}
