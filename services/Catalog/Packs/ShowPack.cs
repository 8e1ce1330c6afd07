using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Packs;

/// <summary>
/// A pack with its newest terms, or with those of an older version. Anybody may read what has ever been listed: pools
/// refer to it for good.
/// </summary>
public sealed class ShowPack : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/catalog/packs/{id:guid}", (Guid id, int? version, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id, version), ct));

    /// <summary>The pack, and which version of its terms.</summary>
    public sealed record Query(Guid Id, int? Version) : IQuery;

    private sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var pack = await PackRows.FindAsync(await session.OpenAsync(cancellationToken), query.Id, query.Version);
            return pack?.IsKnownTo(caller.OrganisationId) == true ? Answer.Ok(pack.View(), pack.Version) : Problem.NotFound("pack, or version of a pack,");
        }
    }
}
