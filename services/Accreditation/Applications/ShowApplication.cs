using Marketplace.Accreditation.Register;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>One application, and everything that happened to it, for its provider and assessors.</summary>
public sealed class ShowApplication : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/accreditation/applications/{id:guid}", Task<Answer> (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
            .RequireRole(Roles.Provider, Roles.Assessor);
        routes.MapGet("/api/accreditation/applications/{id:guid}/history", Task<Answer> (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new HistoryQuery(id), ct))
            .RequireRole(Roles.Provider, Roles.Assessor);
    }

    public sealed record Query(Guid Id) : IQuery;

    public sealed record HistoryQuery(Guid Id) : IQuery;

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>, IRequestHandler<HistoryQuery, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken) =>
            await ReadAsync(request.Id, cancellationToken) is { } application ? Answer.Ok(application, application.Version) : Problem.NotFound("application");

        public async Task<Answer> Handle(HistoryQuery request, CancellationToken cancellationToken) =>
            await ReadAsync(request.Id, cancellationToken) is null
                ? Problem.NotFound("application")
                : Answer.Ok(new { items = VisibleHistory.For(caller, await facts.HistoryAsync(request.Id, cancellationToken)) });

        private async Task<ApplicationView?> ReadAsync(Guid id, CancellationToken ct) =>
            await ApplicationView.ReadAsync(await session.OpenAsync(ct), id, caller, clock.GetUtcNow().UtcDateTime);
    }
}
