using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>
/// Who came by the provider gives what it does not vouch for: the password of the account with the same e-mail, once, and
/// a code where the account has two-factor sign-in and the provider asked for one factor only.
/// </summary>
public sealed class CompleteSignIn : IEndpoint
{
    public sealed record Body(Secret? Ticket, Secret? Password = null, Secret? Code = null);

    public sealed record Query(Body? Body, Client Client) : IQuery;

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is not null)
        {
            routes.MapPost("/api/auth/openid/token", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return mediator.Send(new Query(body, Client.Of(context)), ct);
            })
                .HashesPasswords()
                .AllowAnonymous()
                .WithTags("Sign-in by a provider")
                .WithSummary("Goes through with a sign-in by the provider: the password of the account that is linked by it, or a code.")
                .Produces<AccessToken>();
        }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(q => q.Body is not null, () =>
            {
                RuleFor(q => q.Body!.Ticket).IsTicket();
                RuleFor(q => q.Body!.Password).Must(p => p is null || p.Reveal().Length <= PasswordRules.MaxLength).WithMessage($"A password has at most {PasswordRules.MaxLength} characters.");
                When(q => q.Body!.Code is not null, () => RuleFor(q => q.Body!.Code).IsCode());
            });
        }
    }

    public sealed class Handler(Session session, Admit admit, SealedSecrets seals, WrongPasswords wrong, KnownPassword known, SecondFactor second, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        private static readonly Problem PasswordRequired = new(401, "password-required", "The password of the account with this e-mail is needed, once.", "Send the same again with password.");

        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var (body, now) = (query.Body!, TimeProvider.System.GetUtcNow().UtcDateTime);
            var db = await session.OpenAsync(ct);
            if (await PendingSignIn.OfTicketAsync(db, seals, body.Ticket!.Reveal(), now) is not { } before || await admit.DecideAsync(before.Told.Identity) is var (what, to, ofEmail) && (to ?? ofEmail) is null)
            {
                return ShowPending.Expired;
            }

            var id = (to ?? ofEmail)!.Id;
            if (what == Admission.Password && (body.Password is null ? PasswordRequired : await known.RefusesAsync(id, body.Password, ct)) is { } wrongPassword)
            {
                return wrongPassword;
            }

            await session.BeginAsync(ct);
            if (await PendingSignIn.OfTicketAsync(db, seals, body.Ticket.Reveal(), now) is not { } pending || await Credentials.LockAsync(db, id) is not { } account
                || (what == Admission.Password && account.PasswordHash != ofEmail!.PasswordHash))
            {
                return ShowPending.Expired;
            }

            string? factor = null;
            switch (what == Admission.Password ? await admit.IntoAsync(account, pending.Told.Identity) : (await admit.DecideAsync(pending.Told.Identity)).Admission)
            {
                case Admission.Code when body.Code is null:
                    return SecondFactor.CodeRequired;
                case Admission.Code:
                    if (await wrong.RefusesAsync(account.Email, ct) is { } wait)
                    {
                        return wait;
                    }

                    factor = await second.AcceptAsync(db, account, body.Code.Reveal(), clock.GetUtcNow().UtcDateTime);
                    if (factor is null)
                    {
                        await session.RollbackAsync();
                        await wrong.CountAsync(account.Email, ct);
                        return SecondFactor.WrongCode;
                    }

                    break;
                case Admission.SignIn:
                    break;
                case var refused:
                    return Admit.Refusal(refused);
            }

            if (await admit.BeginAsync(account, pending.Told, query.Client, factor) is not { } token)
            {
                return ShowPending.Expired;
            }

            await PendingSignIn.UseAsync(db, pending.Id);
            await wrong.ForgiveAsync(account.Email, ct);
            await session.CommitAsync(ct);
            return Answer.Ok(token);
        }
    }
}
