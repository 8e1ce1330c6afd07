using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Programmes;

/// <summary>The public list of programmes; finance staff see the whole envelope.</summary>
public sealed class ReadProgrammes : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/programmes", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new All(page), ct));
        routes.MapGet("/api/subsidies/programmes/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct));
    }

    /// <summary>All programmes, in the order they were opened.</summary>
    public sealed record All(PageQuery Page) : IQuery;

    /// <summary>One programme.</summary>
    public sealed record One(Guid Id) : IQuery;

    /// <summary>Reads a programme; null when there is none.</summary>
    public static Task<Programme?> OneAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<Programme?>($"select {Programme.Columns} from programme where id = @id", new { id });

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session, Caller caller) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Programme>(
                $"select {Programme.Columns} from programme where @after::uuid is null or id > @after order by id limit @limit",
                new { after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            var page = request.Page.Of(rows, p => [p.Id.ToString()]);
            return Answer.Ok(new Page<object>(page.Items.Select(p => p.SeenBy(caller.Has(Roles.Finance))).ToList(), page.NextCursor));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            await OneAsync(await session.OpenAsync(cancellationToken), request.Id) is { } programme
                ? Answer.Ok(programme.SeenBy(caller.Has(Roles.Finance)), programme.Version)
                : Problem.NotFound("programme");
    }
}
