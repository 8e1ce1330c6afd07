using Dapper;
using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Mail;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Gateway.Notifications;

/// <summary>Whether the user is written to as well, and in which language.</summary>
public sealed class ChangePreferences : IEndpoint
{
    public sealed record Body(bool? ByEmail, string? Language);

    public sealed record Query : IQuery;

    public sealed record Command(Body? Body) : ICommand;

    /// <param name="ByEmail">Each notification is mailed too.</param>
    /// <param name="Language"><c>fr</c> or <c>en</c>; null when it is not known: then it is French.</param>
    /// <param name="Email">Where to.</param>
    /// <param name="EmailIsSent">Mail is set up here at all.</param>
    public sealed record Preferences(bool ByEmail, string? Language, string Email, bool EmailIsSent);

    private sealed record Row(bool MailsNotices, string? Language, string Email);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/notifications/preferences", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("Whether the signed-in user's notifications are mailed too, and in which language.")
            .Produces<Preferences>();
        routes.MapPut("/api/notifications/preferences", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("Switches mails of notifications on or off, and chooses their language (fr or en).")
            .Produces<Preferences>();
    }

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.ByEmail).NotNull();
                RuleFor(c => c.Body!.Language).IsLanguage();
            });
        }
    }

    public sealed class Show(Session session, Caller caller, Post post) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct) =>
            await OfAsync(await session.OpenAsync(ct), "select mails_notices, language, email from account where id = @UserIdOrEmpty", new { caller.UserIdOrEmpty }, post);
    }

    public sealed class Handler(Session session, Caller caller, Post post) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct) => await OfAsync(
            await session.OpenAsync(ct),
            "update account set mails_notices = @ByEmail, language = coalesce(@Language, language) where id = @UserIdOrEmpty returning mails_notices, language, email",
            new { command.Body!.ByEmail, command.Body.Language, caller.UserIdOrEmpty },
            post);
    }

    private static async Task<Answer> OfAsync(NpgsqlConnection db, string sql, object values, Post post) =>
        await db.QuerySingleOrDefaultAsync<Row>(sql, values) is { } row
            ? Answer.Ok(new Preferences(row.MailsNotices, row.Language, row.Email, post.SendsMail))
            : Problem.NotFound("account");
}
