using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>Finance staff take the file of an approved run to the bank (<see cref="Pain001"/>); it is the same every time.</summary>
public sealed class DownloadFile : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/payment-runs/{id:guid}/pain001", DownloadAsync)
        .RequireRole(Roles.Finance).Produces(200, contentType: "application/xml").WithTags("Payment runs").WithSummary("The bank's file of an approved run (pain.001.001.09)");

    private static async Task<IResult> DownloadAsync(Guid id, HttpResponse response, IMediator mediator, CancellationToken ct)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "private, no-store";
        return await mediator.Send(new Query(id), ct);
    }

    /// <summary>The query.</summary>
    public sealed record Query(Guid Id) : IRequest<IResult>;

    /// <summary>Writes the file from what was frozen at the approval.</summary>
    public sealed class Handler(Session session) : IRequestHandler<Query, IResult>
    {
        /// <inheritdoc />
        public async Task<IResult> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var run = await db.QuerySingleOrDefaultAsync<Row>(
                "select number, status, execution_date, transfer_count, total_cents, approved_at, debtor_name, debtor_iban, debtor_bic, debtor_siret from payment_run where id = @Id", request);
            if (run is null)
            {
                return (Answer)Problem.NotFound("payment run");
            }

            if (run.Status != RunStatus.Approved)
            {
                return (Answer)Problem.Conflict("not-approved", "The run is not approved.", $"{run.Number} is {run.Status}; its file is made once it is approved.");
            }

            var debtor = new Debtor(run.DebtorName!, run.DebtorIban!, run.DebtorBic, run.DebtorSiret);
            var order = new PaymentOrder(run.Number, run.ApprovedAt!.Value, run.ExecutionDate, debtor, run.TransferCount, run.TotalCents, PaymentRun.StreamTransfers(db, request.Id));
            return Results.Stream(body => Pain001.WriteAsync(body, order, cancellationToken), "application/xml", $"{run.Number}.xml");
        }
    }

    private sealed record Row(
        string Number, string Status, DateOnly ExecutionDate, int TransferCount, long TotalCents, DateTime? ApprovedAt, string? DebtorName, string? DebtorIban, string? DebtorBic, string? DebtorSiret);
}
