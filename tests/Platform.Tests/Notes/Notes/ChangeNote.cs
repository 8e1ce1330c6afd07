using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Notes;

/// <summary>Changes a note's title, when <c>If-Match</c> allows it.</summary>
public sealed class ChangeNote : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/notes/{id:guid}", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Buyer);

    public sealed record Body(string? Title = null);

    public sealed record Command(Guid Id, Body Body) : ICommand;

    private sealed class Handler(Session session, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var version = await db.QuerySingleOrDefaultAsync<int?>("select version from note where id = @Id for update", new { command.Id });
            if (version is null)
            {
                return Problem.NotFound("note");
            }

            if (caller.ExpectedVersion is { } expected && expected != version)
            {
                return Problem.Stale(version.Value);
            }

            await db.ExecuteAsync("update note set title = coalesce(@Title, title), version = version + 1 where id = @Id", new { command.Id, command.Body.Title });
            return Answer.Ok(new { command.Id, version = version + 1 }, version + 1);
        }
    }
}
