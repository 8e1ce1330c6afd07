using Dapper;
using Marketplace.Events.Notes;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Notes;

/// <summary>Stamps a note; the client has to send an <c>Idempotency-Key</c>.</summary>
public sealed class StampNote : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/notes/{id:guid}/stamps", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Buyer);

    public sealed record Body(string? Ink = null);

    public sealed record Command(Guid Id, Body Body) : IKeyedCommand;

    private sealed class Handler(Session session, FactLog facts) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var stamp = Guid.CreateVersion7();
            var stamped = await db.ExecuteAsync("insert into stamp (id, note_id) select @stamp, id from note where id = @Id", new { stamp, command.Id });
            if (stamped == 0)
            {
                return Problem.NotFound("note");
            }

            await facts.AppendAsync(stamp, 1, new NoteStamped(stamp, command.Id, command.Body.Ink ?? "blue", 1), cancellationToken);
            return Answer.Created($"/api/stamps/{stamp}", new { id = stamp, command.Body.Ink }, 1);
        }
    }
}
