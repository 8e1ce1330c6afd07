using Dapper;
using FluentValidation;
using Marketplace.Gateway.Tokens;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>
/// E-mail and password against an access token. A wrong password, an unknown e-mail and a right one take the same time;
/// after many wrong ones the account and the address have to wait (<see cref="Patience"/>).
/// </summary>
public sealed class SignIn : IEndpoint
{
    public sealed record Body(string? Email, Secret? Password);

    public sealed record Query(Body? Body, string Address) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/token", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return mediator.Send(new Query(body, context.Connection.RemoteIpAddress?.ToString() ?? "unknown"), ct);
        })
        .HashesPasswords()
        .AllowAnonymous()
        .WithTags("Accounts")
        .WithSummary("Exchanges e-mail and password for an access token.")
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
            });
        }
    }

    public sealed class Handler(Session session, WrongPasswords wrong, PasswordHashing hashing, AccessTokens tokens, IHttpContextAccessor http) : IRequestHandler<Query, Answer>
    {
        private static readonly Problem Wrong = new(401, "wrong-credentials", "E-mail or password is wrong.");

        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var (email, password) = (query.Body!.Email!, query.Body.Password!);
            if (await wrong.WaitAsync(email, query.Address, ct) is { } wait)
            {
                var seconds = (int)Math.Ceiling(wait.TotalSeconds);
                http.HttpContext!.Response.Headers.RetryAfter = $"{seconds}";
                return new Problem(429, "too-many-attempts", "Too many wrong passwords.", $"Try again in {seconds} seconds.");
            }

            var db = await session.OpenAsync(ct);
            var account = await db.QuerySingleOrDefaultAsync<Account>(
                "select id, email, display_name, password_hash, roles, organisation_id from account where email_key = @key", new { key = Email.Key(email) });
            if (!await hashing.IsRightAsync(account?.PasswordHash, password))
            {
                await wrong.CountAsync(email, query.Address, ct);
                return Wrong;
            }

            await wrong.ForgiveAsync(email, ct);
            var organisation = account!.OrganisationId is null ? null : await db.QuerySingleAsync<Organisation>(
                "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
            return Answer.Ok(tokens.Issue(account, organisation));
        }
    }
}
