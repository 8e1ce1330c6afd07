using System.Security.Cryptography;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>
/// The first step to two-factor sign-in: a secret for the authenticator app. It counts once a code of it was given
/// (<see cref="ConfirmTotp"/>). A query to the pipeline, so that no secret enters the store of first answers.
/// </summary>
public sealed class EnrolTotp : IEndpoint
{
    public sealed record Body(Secret? CurrentPassword);

    public sealed record Query(Body? Body) : IQuery;

    public sealed record Enrolment(string Secret, string Uri);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/totp", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return mediator.Send(new Query(body), ct);
        })
        .HashesPasswords()
        .RequireRole()
        .WithTags("Two-factor sign-in")
        .WithSummary("A new secret for the signed-in user's authenticator app; it counts once a code of it is confirmed.")
        .Produces<Enrolment>();

    public sealed class Validator : FluentValidation.AbstractValidator<Query>
    {
        public Validator() => this.RequiresPassword(q => q.Body, q => q.Body!.CurrentPassword);
    }

    public sealed class Handler(Session session, KnownPassword known, SealedSecrets sealedSecrets, IConfiguration configuration, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            if (await known.RefusesAsync(caller.UserId, query.Body!.CurrentPassword!, ct) is { } refusal)
            {
                return refusal;
            }

            await session.BeginAsync(ct);
            var db = await session.OpenAsync(ct);
            var account = (await Credentials.LockAsync(db, caller.UserId))!;
            if (account.TotpSecret is not null)
            {
                return Problem.Conflict("totp-active", "Two-factor sign-in is switched on already.", "Remove it first.");
            }

            var secret = RandomNumberGenerator.GetBytes(Totp.SecretLength);
            await db.ExecuteAsync("update account set totp_pending = @seal where id = @Id", new { seal = sealedSecrets.Seal(secret, account.Id), account.Id });
            await session.CommitAsync(ct);
            return Answer.Ok(new Enrolment(Totp.Base32(secret), Totp.Uri(configuration["Accounts:Issuer"] ?? "Cyber groupé", account.Email, secret)));
        }
    }
}
