using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>Who came by the provider sees what it told, and what is still missing.</summary>
public sealed class ShowPending : IEndpoint
{
    public sealed record Body(Secret? Ticket);

    public sealed record Query(Body? Body) : IQuery;

    /// <summary>What waits.</summary>
    /// <param name="Step"><c>code</c>, <c>password</c> (of the account with this e-mail) or <c>register</c>.</param>
    public sealed record Pending(string Step, string? Email, string? Name, string? Siret, string? Organisation);

    /// <summary>410: it waited too long, or was gone through with.</summary>
    public static readonly Problem Expired = new(410, "openid-expired", "This sign-in by the provider is over.", "Begin it again on the sign-in page.");

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is not null)
        {
            routes.MapPost("/api/auth/openid/pending", (Body? body, HttpContext context, IMediator mediator, CancellationToken ct) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return mediator.Send(new Query(body), ct);
            })
                .AllowAnonymous()
                .WithTags("Sign-in by a provider")
                .WithSummary("What a sign-in by the provider waits for: code, password (of the account with this e-mail) or register.")
                .Produces<Pending>();
        }
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(q => q.Body is not null, () => RuleFor(q => q.Body!.Ticket).IsTicket());
        }
    }

    public sealed class Handler(Session session, Admit admit, SealedSecrets seals) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            if (await PendingSignIn.OfTicketAsync(db, seals, query.Body!.Ticket!.Reveal(), TimeProvider.System.GetUtcNow().UtcDateTime) is not { } pending)
            {
                return Expired;
            }

            var who = pending.Told.Identity;
            var (admission, linked, ofEmail) = await admit.DecideAsync(who);
            return admission switch
            {
                Admission.Code => Answer.Ok(new Pending("code", (linked ?? ofEmail)!.Email, (linked ?? ofEmail)!.DisplayName, null, null)),
                Admission.Password => Answer.Ok(new Pending("password", who.Email, who.Name, null, null)),
                Admission.Register => Answer.Ok(new Pending("register", who.Email, who.Name, who.Siret, who.Organisation)),
                _ => Expired,
            };
        }
    }
}

/// <summary>Rules for tickets.</summary>
public static class TicketRules
{
    /// <summary>Required; at most 100 characters.</summary>
    public static IRuleBuilderOptions<T, Secret?> IsTicket<T>(this IRuleBuilder<T, Secret?> rule) =>
        rule.NotNull().Must(t => t is null || t.Reveal().Length is > 0 and <= 100).WithMessage("A ticket has at most 100 characters.");
}
