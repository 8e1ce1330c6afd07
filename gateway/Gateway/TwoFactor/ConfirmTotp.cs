using Dapper;
using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>A first code proves that the app has the secret: two-factor sign-in is on, and recovery codes are given, once.</summary>
public sealed class ConfirmTotp : IEndpoint
{
    public sealed record Body(Secret? Code);

    public sealed record Query(Body? Body) : IQuery;

    public sealed record Confirmed(string[] RecoveryCodes);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/totp/confirmation", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return mediator.Send(new Query(body), ct);
        })
        .RequireRole()
        .WithTags("Two-factor sign-in")
        .WithSummary("Switches two-factor sign-in on with a first code of the app; answers the recovery codes, once.")
        .Produces<Confirmed>();

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(q => q.Body is not null, () => RuleFor(q => q.Body!.Code).IsCode());
        }
    }

    public sealed class Handler(Session session, SealedSecrets sealedSecrets, WrongPasswords wrong, FactLog facts, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            await session.BeginAsync(ct);
            var db = await session.OpenAsync(ct);
            if (await Credentials.LockAsync(db, caller.UserId) is not { TotpPending: { } pending } account || sealedSecrets.Open(pending, account.Id) is not { } secret)
            {
                return Problem.Conflict("totp-not-enrolled", "There is no enrolment to confirm.", "Ask for a secret first.");
            }

            if (await wrong.RefusesAsync(account.Email, ct) is { } refusal)
            {
                return refusal;
            }

            if (Totp.Accepts(secret, query.Body!.Code!.Reveal(), TimeProvider.System.GetUtcNow(), null) is not { } step)
            {
                await wrong.CountAsync(account.Email, ct);
                await session.CommitAsync(ct);
                return SecondFactor.WrongCode with { Status = 422 };
            }

            var version = account.Version + 1;
            var codes = Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.New()).ToArray();
            await db.ExecuteAsync(
                """
                update account set totp_secret = totp_pending, totp_pending = null, totp_step = @step, version = @version where id = @Id;
                delete from recovery_code where account_id = @Id;
                insert into recovery_code (account_id, hash) select @Id, unnest(@hashes);
                """,
                new { step, version, account.Id, hashes = codes.Select(RecoveryCode.Hash).ToArray() });
            await facts.AppendAsync(account.Id, version, new TwoFactorEnabled(), ct);
            await session.CommitAsync(ct);
            return Answer.Ok(new Confirmed(codes));
        }
    }
}
