using Dapper;
using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Gateway.Passwords;

/// <summary>
/// A new password, by the token of a link that was sent or, signed in, by the present password. The other sessions end;
/// with a link, all do, and links that are still out are void.
/// </summary>
public sealed class ChangePassword : IEndpoint
{
    public sealed record Body(Secret? Token, Secret? CurrentPassword, Secret? Password);

    public sealed record Query(Body? Body, Client Client, Guid? SessionId) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/password", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(body, Client.Of(context), context.Id()), ct))
        .HashesPasswords()
        .AllowAnonymous()
        .WithTags("Passwords")
        .WithSummary("Sets a new password, with the token of a link or, signed in, with the present password; ends the other sessions.")
        .Produces(StatusCodes.Status204NoContent);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Password).IsGoodPassword(_ => null);
                RuleFor(c => c.Body!.Token).Must(t => t is null || t.Reveal().Length <= 100).WithMessage("A token has at most 100 characters.");
                RuleFor(c => c.Body!.CurrentPassword).Must(p => p is null || p.Reveal().Length <= PasswordRules.MaxLength)
                    .WithMessage($"A password has at most {PasswordRules.MaxLength} characters.");
                RuleFor(c => c.Body!.Token).Must((c, t) => t is null != c.Body!.CurrentPassword is null).WithMessage("Either the token of a link or the present password is expected.");
            });
        }
    }

    public sealed class Handler(Session session, KnownPassword known, PasswordHashing hashing, OpenSessions open, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        private static readonly Problem NotValid = new(410, "link-not-valid", "This link is no longer valid.", "A link works once and for an hour; ask for a new one.");

        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var body = query.Body!;
            if (body.CurrentPassword is not null && await known.RefusesAsync(caller.UserId, body.CurrentPassword, ct) is { } refusal)
            {
                return refusal;
            }

            var hash = await hashing.HashAsync(body.Password!);
            await session.BeginAsync(ct);
            var (db, at) = (await session.OpenAsync(ct), clock.GetUtcNow().UtcDateTime);
            var id = body.Token is null ? caller.UserId : await HolderAsync(db, body.Token, at);
            if (await Credentials.LockAsync(db, id) is not { DisabledAt: null } account || (body.Token is not null && !await UseAsync(db, body.Token, at)))
            {
                return NotValid;
            }

            if (PasswordRules.Refuses(body.Password!.Reveal(), account.Email) is { } reason)
            {
                return Problem.Invalid("password", reason);
            }

            var version = account.Version + 1;
            await db.ExecuteAsync(
                """
                update account set password_hash = @hash, version = @version where id = @Id;
                update password_reset set token_hash = null where account_id = @Id and token_hash is not null;
                """,
                new { hash, version, account.Id });
            var ended = await NewSession.EndAllAsync(db, account.Id, body.Token is null ? query.SessionId : null);
            await facts.AppendAsync([new NewFact(account.Id, version, new PasswordChanged(body.Token is not null, query.Client.Address), at, account.Id, string.Join(',', account.Roles))], ct);
            await session.CommitAsync(ct);
            open.Forget(ended);
            return Answer.Done();
        }

        /// <summary>Whose token it is; the account is locked before the token, as everywhere.</summary>
        private static Task<Guid?> HolderAsync(NpgsqlConnection db, Secret token, DateTime at) => db.QuerySingleOrDefaultAsync<Guid?>(
            "select account_id from password_reset where token_hash = @hash and sent_at > @since", new { hash = ResetToken.Hash(token.Reveal()), since = at - ResetToken.Lifetime });

        private static async Task<bool> UseAsync(NpgsqlConnection db, Secret token, DateTime at) => await db.ExecuteAsync(
            "update password_reset set used_at = @at, token_hash = null where token_hash = @hash", new { at, hash = ResetToken.Hash(token.Reveal()) }) == 1;
    }
}
