using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Payees;

/// <summary>Finance staff list whom aid is paid to, and on which account.</summary>
public sealed class ListPayees : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/payees", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(page), ct))
        .RequireRole(Roles.Finance).Produces<Page<Payee>>().WithTags("Payees").WithSummary("The providers and the accounts they are paid on");

    /// <summary>The query.</summary>
    public sealed record Query(PageQuery Page) : IQuery;

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Payee>(
                $"select {Payee.Columns} from payee where @after::uuid is null or provider_id > @after order by provider_id limit @limit",
                new { after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, p => [p.ProviderId.ToString()]));
        }
    }
}
