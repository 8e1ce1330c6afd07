using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>The user switches two-factor sign-in off, with the password and a code; staff may not where it is required.</summary>
public sealed class RemoveTotp : IEndpoint
{
    public sealed record Body(Secret? CurrentPassword, Secret? Code);

    public sealed record Query(Body? Body) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/totp/removal", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(body), ct))
        .HashesPasswords()
        .RequireRole()
        .WithTags("Two-factor sign-in")
        .WithSummary("Switches two-factor sign-in off.")
        .Produces(StatusCodes.Status204NoContent);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            this.RequiresPassword(q => q.Body, q => q.Body!.CurrentPassword);
            When(q => q.Body is not null, () => RuleFor(q => q.Body!.Code).IsCode());
        }
    }

    public sealed class Handler(Session session, KnownPassword known, SecondFactor second, WrongPasswords wrong, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
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
            if (account.TotpSecret is null)
            {
                return Answer.Done();
            }

            if (second.IsRequired(account))
            {
                return Problem.Conflict("two-factor-required", "The town's staff signs in with two factors.");
            }

            if (await second.AcceptAsync(db, account, query.Body.Code!.Reveal(), clock.GetUtcNow().UtcDateTime) is null)
            {
                await wrong.CountAsync(account.Email, ct);
                await session.CommitAsync(ct);
                return SecondFactor.WrongCode with { Status = 422 };
            }

            await SecondFactor.RemoveAsync(db, account.Id);
            await facts.AppendAsync(account.Id, account.Version + 1, new TwoFactorRemoved(), ct);
            await session.CommitAsync(ct);
            return Answer.Done();
        }
    }
}
