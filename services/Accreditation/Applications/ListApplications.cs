using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>The provider's own applications, or all for assessors; the newest first.</summary>
public sealed class ListApplications : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/accreditation/applications", Task<Answer> (string? status, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(status, page), ct))
            .RequireRole(Roles.Provider, Roles.Assessor);

    public sealed record Query(string? Status, PageQuery Page) : IQuery;

    public sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var (status, page) = request;
            if (status is not null && !ApplicationStatus.All.Contains(status))
            {
                return Problem.Invalid("status", $"The status is one of {string.Join(", ", ApplicationStatus.All)}.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<ApplicationView>(
                ApplicationView.Select +
                """
                 where (@confinement::uuid is null or a.provider_id = @confinement)
                   and (@status::text is null or a.status = @status)
                   and (@after::uuid is null or a.id < @after)
                order by a.id desc limit @take
                """, new { confinement = ApplicationView.Confinement(caller), status, after = page.AfterId, take = page.Limit + 1 });
            return Answer.Ok(page.Of(rows.AsList(), a => [$"{a.Id}"]));
        }
    }
}
