using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Packs;

/// <summary>Everything that happened to a pack, oldest first, with who and when: for its provider and the town's staff.</summary>
public sealed class ShowPackHistory : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/catalog/packs/{id:guid}/history", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
        .RequireRole(Roles.Provider, Roles.Buyer, Roles.Assessor, Roles.Finance, Roles.Admin);

    /// <summary>The pack.</summary>
    public sealed record Query(Guid Id) : IQuery;

    private sealed class Handler(Session session, FactLog facts, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var pack = await PackRows.FindAsync(await session.OpenAsync(cancellationToken), query.Id);
            if (pack?.IsKnownTo(caller.OrganisationId) != true)
            {
                return Problem.NotFound("pack");
            }

            return caller.OrganisationId is { } organisation && organisation != pack.ProviderId
                ? Problem.Forbidden("A pack's history is for its provider and the town's staff.")
                : Answer.Ok(new Page<RecordedFact>(await facts.HistoryAsync(query.Id, cancellationToken), null));
        }
    }
}
