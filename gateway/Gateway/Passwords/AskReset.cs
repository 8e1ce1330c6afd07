using Dapper;
using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Passwords;

/// <summary>
/// Somebody forgot a password. What is done is the same for every e-mail, and so is how long it takes: the wish is noted,
/// and <see cref="SendResetLinks"/> looks whether there is such an account after the answer.
/// </summary>
public sealed class AskReset : IEndpoint
{
    public sealed record Body(string? Email, string? Language = null);

    public sealed record Query(Body? Body) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/password-reset", async (Body? body, IMediator mediator, CancellationToken ct) =>
            await mediator.Send(new Query(body), ct) is { Refused: true } refusal ? refusal : Results.Accepted())
        .AllowAnonymous()
        .WithTags("Passwords")
        .WithSummary("Sends a link to choose a new password (in fr or en) to the e-mail if it has an account; answers the same if not.")
        .Produces(StatusCodes.Status202Accepted);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Email).IsEmail();
                RuleFor(c => c.Body!.Language).IsLanguage();
            });
        }
    }

    public sealed class Handler(Session session, SendResetLinks sender, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var at = clock.GetUtcNow().UtcDateTime;
            var db = await session.OpenAsync(ct);
            await db.ExecuteAsync(
                "insert into password_reset (id, email_key, language, requested_at, send_at) values (@id, @key, @language, @at, @at)",
                new { id = Guid.CreateVersion7(), key = Email.Key(query.Body!.Email!), language = query.Body.Language ?? "fr", at });
            sender.Wake();
            return Answer.Done();
        }
    }
}
