using Dapper;
using FluentValidation;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>
/// E-mail, password and, where two-factor sign-in is on, a code against an access token and a session. A wrong password,
/// an unknown e-mail and a right one take the same time; after many wrong passwords or codes the account and the address
/// have to wait (<see cref="Patience"/>).
/// </summary>
public sealed class SignIn : IEndpoint
{
    public sealed record Body(string? Email, Secret? Password, Secret? Code = null);

    public sealed record Query(Body? Body, Client Client) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/token", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return mediator.Send(new Query(body, Client.Of(context)), ct);
        })
        .HashesPasswords()
        .AllowAnonymous()
        .WithTags("Accounts")
        .WithSummary("Exchanges e-mail, password and, where two-factor sign-in is on, a code for an access token; 401 code-required without it.")
        .Produces<AccessToken>();

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Email).NotEmpty().MaximumLength(Email.MaxLength);
                RuleFor(c => c.Body!.Password).NotNull().Must(p => p is null || p.Reveal().Length <= PasswordRules.MaxLength)
                    .WithMessage($"A password has at most {PasswordRules.MaxLength} characters.");
                When(c => c.Body!.Code is not null, () => RuleFor(c => c.Body!.Code).IsCode());
            });
        }
    }

    public sealed class Handler(
        Session session, WrongPasswords wrong, PasswordHashing hashing, SecondFactor second, AccessTokens tokens, FactLog facts, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        private static readonly Problem Wrong = new(401, "wrong-credentials", "E-mail or password is wrong.");
        private static readonly Problem Disabled = new(403, "account-disabled", "This account was disabled.", "The town's administrator can enable it again.");

        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var (email, password) = (query.Body!.Email!, query.Body.Password!);
            if (await wrong.RefusesAsync(email, ct) is { } refusal)
            {
                return refusal;
            }

            var db = await session.OpenAsync(ct);
            var found = await Credentials.OfEmailAsync(db, email);
            if (!await hashing.IsRightAsync(found?.PasswordHash, password))
            {
                return await FailAsync(found, query, "password", Wrong, ct);
            }

            await session.BeginAsync(ct);
            var account = (await Credentials.LockAsync(db, found!.Id))!;
            if (account.PasswordHash != found.PasswordHash || account.DisabledAt is not null)
            {
                return await FailAsync(account, query, account.DisabledAt is null ? "password" : "disabled", account.DisabledAt is null ? Wrong : Disabled, ct);
            }

            var (at, factor) = (clock.GetUtcNow().UtcDateTime, "password");
            if (account.TotpSecret is not null)
            {
                if (query.Body.Code is null)
                {
                    return SecondFactor.CodeRequired;
                }

                if (await second.AcceptAsync(db, account, query.Body.Code.Reveal(), at) is not { } proven)
                {
                    return await FailAsync(account, query, "code", SecondFactor.WrongCode, ct);
                }

                factor = proven;
            }

            var organisation = await db.QuerySingleOrDefaultAsync<Organisation>(
                "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
            var mustEnrol = second.IsRequired(account) && account.TotpSecret is null;
            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var id = await NewSession.BeginAsync(db, account.Id, query.Client, now, now + AccessTokens.Lifetime);
            await facts.AppendAsync([Fact(account, new SignedIn(id, query.Client.Address, query.Client.UserAgent, factor))], ct);
            await wrong.ForgiveAsync(email, ct);
            await session.CommitAsync(ct);
            return Answer.Ok(tokens.Issue(account.ToAccount(withRoles: !mustEnrol), organisation, id, now, mustEnrol));
        }

        /// <summary>Counts and records the failure, whatever else was begun; an unknown e-mail takes the same steps as a known one.</summary>
        private async Task<Answer> FailAsync(Credentials? account, Query query, string reason, Problem problem, CancellationToken ct)
        {
            await session.RollbackAsync();
            if (reason != "disabled")
            {
                await wrong.CountAsync(query.Body!.Email!, ct);
            }

            await facts.AppendAsync([Fact(account, new SignInFailed(query.Client.Address, reason))], ct);
            return problem;
        }

        private NewFact Fact(Credentials? account, object fact) =>
            new(account?.Id ?? Guid.Empty, account?.Version ?? 1, fact, clock.GetUtcNow().UtcDateTime, account?.Id, account is null ? null : string.Join(',', account.Roles));
    }
}
