using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Recoveries;

/// <summary>Finance staff list what was taken back, oldest first, or read one of them.</summary>
public sealed class ListRecoveries : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/recoveries", (Guid? grantId, Guid? programmeId, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new All(grantId, programmeId, page), ct))
            .RequireRole(Roles.Finance).Produces<Page<Recovery>>().WithTags("Recoveries").WithSummary("Aid that was taken back, oldest first");
        routes.MapGet("/api/subsidies/recoveries/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole(Roles.Finance).Produces<Recovery>().WithTags("Recoveries").WithSummary("One of them");
    }

    /// <summary>The query; absent filters take everything.</summary>
    public sealed record All(Guid? GrantId, Guid? ProgrammeId, PageQuery Page) : IQuery;

    /// <summary>One of them.</summary>
    public sealed record One(Guid Id) : IQuery;

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Recovery>(
                $"""
                {Recovery.Select}
                where (@GrantId::uuid is null or r.grant_id = @GrantId) and (@ProgrammeId::uuid is null or r.programme_id = @ProgrammeId) and (@after::uuid is null or r.id > @after)
                order by r.id limit @limit
                """, new { request.GrantId, request.ProgrammeId, after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, r => [r.Id.ToString()]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            await (await session.OpenAsync(cancellationToken)).QuerySingleOrDefaultAsync<Recovery>($"{Recovery.Select} where r.id = @Id", request) is { } recovery
                ? Answer.Ok(recovery)
                : Problem.NotFound("recovery");
    }
}
