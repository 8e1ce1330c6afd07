using Dapper;
using FluentValidation;
using Marketplace.Events.Notes;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Notes;

/// <summary>For the history only.</summary>
public sealed record NoteWeighed(Guid NoteId, int Weight);

/// <summary>Writes a note: one public and one private fact. A title of "refused" is refused, of "broken" breaks, after everything was written.</summary>
public sealed class WriteNote : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/notes", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body ?? new Body()), ct))
        .RequireRole(Roles.Buyer);

    public sealed record Label(string? Name = null, int? Shade = null);

    public sealed record Body(string? Title = null, int? Weight = null, DateTime? DueAt = null, Guid? Author = null, Label[]? Labels = null);

    public sealed record Command(Body Body) : ICommand;

    private sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body.Title).NotEmpty().MaximumLength(100);
            RuleFor(c => c.Body.Weight).NotNull().InclusiveBetween(1, 1000);
            RuleForEach(c => c.Body.Labels).ChildRules(label =>
            {
                label.RuleFor(l => l.Name).NotEmpty();
                label.RuleFor(l => l.Shade).InclusiveBetween(0, 9);
            });
        }
    }

    private sealed class Handler(Session session, FactLog facts) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var (title, weight, dueAt, _, _) = command.Body;
            var id = Guid.CreateVersion7();
            var db = await session.OpenAsync(cancellationToken);
            await db.ExecuteAsync("insert into note (id, title, weight, due_at, status, version) values (@id, @title, @weight, @dueAt, 'new', 1)", new { id, title, weight, dueAt });
            await facts.AppendAsync([facts.New(id, 1, new NoteWritten(id, title!, 1)), facts.New(id, 1, new NoteWeighed(id, weight!.Value))], cancellationToken);
            return title switch
            {
                "refused" => Problem.Conflict("note-refused", "This note is refused."),
                "broken" => throw new InvalidOperationException("the inside of the failure"),
                _ => Answer.Created($"/api/notes/{id}", new { id, title, weight }, 1),
            };
        }
    }
}
