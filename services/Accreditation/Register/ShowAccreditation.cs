using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Register;

/// <summary>One accreditation, for everyone; its history, with the reasons, for its provider and assessors.</summary>
public sealed class ShowAccreditation : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/accreditation/accreditations/{id:guid}", Task<Answer> (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct));
        routes.MapGet("/api/accreditation/accreditations/{id:guid}/history", Task<Answer> (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new HistoryQuery(id), ct))
            .RequireRole(Roles.Provider, Roles.Assessor);
    }

    public sealed record Query(Guid Id) : IQuery;

    public sealed record HistoryQuery(Guid Id) : IQuery;

    public sealed class Handler(Session session, FactLog facts, Caller caller) : IRequestHandler<Query, Answer>, IRequestHandler<HistoryQuery, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken) =>
            await ReadAsync(request.Id, cancellationToken) is { } accreditation ? Answer.Ok(accreditation, accreditation.Version) : Problem.NotFound("accreditation");

        public async Task<Answer> Handle(HistoryQuery request, CancellationToken cancellationToken)
        {
            var accreditation = await ReadAsync(request.Id, cancellationToken);
            if (accreditation is null)
            {
                return Problem.NotFound("accreditation");
            }

            if (!caller.Has(Roles.Assessor) && accreditation.ProviderId != caller.OrganisationId)
            {
                return Problem.Forbidden("The history is for the accredited provider and for assessors.");
            }

            return Answer.Ok(new { items = VisibleHistory.For(caller, await facts.HistoryAsync(request.Id, cancellationToken)) });
        }

        private async Task<AccreditationView?> ReadAsync(Guid id, CancellationToken ct) =>
            await (await session.OpenAsync(ct)).QuerySingleOrDefaultAsync<AccreditationView>($"select {AccreditationView.Columns} from accreditation where id = @id", new { id });
    }
}
