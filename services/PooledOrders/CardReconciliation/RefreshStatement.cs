using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// <c>POST /api/pools/card-reconciliation/refresh</c>: fetches the payment provider's statement now. Harmless when repeated;
/// not one transaction: what was fetched stays.
/// </summary>
public sealed class RefreshStatement : IEndpoint
{
    /// <summary>When the statement was fetched (UTC).</summary>
    public sealed record View(DateTime? FetchedAt);

    public sealed record Command : IRequest<Answer>;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/card-reconciliation/refresh", (IMediator mediator, CancellationToken ct) => mediator.Send(new Command(), ct))
        .RequireRole(Roles.Finance).Produces<View>().WithTags("Card reconciliation").WithSummary("Fetch the payment provider's statement now");

    public sealed class Handler(StatementRefresh refresh, Session session) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken) =>
            await refresh.TryAsync(TimeSpan.Zero, cancellationToken)
                ? Answer.Ok(new View(await StatementRefresh.FetchedAtAsync(await session.OpenAsync(cancellationToken))))
                : new Problem(503, "statement-unavailable", "The payment provider's statement cannot be fetched now.", "What was fetched before stays; try again in a minute.");
    }
}
