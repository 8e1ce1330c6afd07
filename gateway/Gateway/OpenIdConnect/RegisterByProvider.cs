using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>A business or provider signs itself up with the e-mail and the SIRET that the provider of identities tells; there is no password.</summary>
public sealed class RegisterByProvider : IEndpoint
{
    public sealed record Body(Secret? Ticket, string? DisplayName, RegisterOrganisation.OrganisationBody? Organisation);

    public sealed record Query(Body? Body, Client Client) : IQuery;

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is not null)
        {
            routes.MapPost("/api/auth/openid/registration", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return mediator.Send(new Query(body, Client.Of(context)), ct);
            })
                .AllowAnonymous()
                .WithTags("Sign-in by a provider")
                .WithSummary("Registers a business or a provider with the e-mail and the SIRET that the identity provider told; a SIRET in the body is not looked at.")
                .Produces<AccessToken>(StatusCodes.Status201Created);
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
                RuleFor(q => q.Body!.DisplayName).IsName();
                RuleFor(q => q.Body!.Organisation).NotNull().SetValidator(new OrganisationRules(withSiret: false)!);
            });
        }
    }

    public sealed class Handler(Session session, Admit admit, SealedSecrets seals, FactLog facts, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            await session.BeginAsync(ct);
            var (db, body, at) = (await session.OpenAsync(ct), query.Body!, clock.GetUtcNow().UtcDateTime);
            if (await PendingSignIn.OfTicketAsync(db, seals, body.Ticket!.Reveal(), TimeProvider.System.GetUtcNow().UtcDateTime) is not { } pending)
            {
                return ShowPending.Expired;
            }

            var who = pending.Told.Identity;
            if ((await admit.DecideAsync(who)).Admission != Admission.Register)
            {
                return AccountProblems.EmailTaken;
            }

            var organisation = NewOrganisation.Of(body.Organisation!, who.Siret!);
            if (!await NewOrganisation.InsertAsync(db, organisation, at))
            {
                return AccountProblems.SiretTaken;
            }

            var account = new Account(Guid.CreateVersion7(), who.Email!, body.DisplayName!.Trim(), null, [organisation.Kind], organisation.Id);
            if (!await NewAccount.InsertAsync(db, account, at))
            {
                return AccountProblems.EmailTaken;
            }

            await facts.AppendAsync([NewOrganisation.Fact(organisation, account.Id, at)], ct);
            if (await admit.BeginAsync((await Credentials.LockAsync(db, account.Id))!, pending.Told, query.Client) is not { } token)
            {
                return ShowPending.Expired;
            }

            await PendingSignIn.UseAsync(db, pending.Id);
            await session.CommitAsync(ct);
            return Answer.Created("/api/auth/me", token);
        }
    }
}
