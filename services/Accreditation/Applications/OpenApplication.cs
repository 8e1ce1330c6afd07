using Dapper;
using FluentValidation;
using Marketplace.Accreditation.Schemes;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>A provider opens a draft application for categories and territories, under the current scheme.</summary>
public sealed class OpenApplication : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/accreditation/applications", Task<Answer> (Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
            .RequireRole(Roles.Provider);

    public sealed record Body(string?[]? Categories, string?[]? Territories);

    public sealed record Command(Body Body) : ICommand;

    public sealed class Rules : AbstractValidator<Command>
    {
        public Rules()
        {
            RuleFor(c => c.Body.Categories).Cascade(CascadeMode.Stop)
                .NotEmpty().WithMessage("At least one category is needed.")
                .Must(c => c!.Length <= Categories.All.Length).WithMessage("There are four categories.")
                .Must(c => c!.Distinct().Count() == c!.Length).WithMessage("A category is named twice.")
                .ForEach(c => c.Must(w => Categories.All.Contains(w)).WithMessage($"A category is one of {string.Join(", ", Categories.All)}."));
            RuleFor(c => c.Body.Territories).Cascade(CascadeMode.Stop)
                .NotEmpty().WithMessage("At least one territory is needed.")
                .Must(t => t!.Length <= Territories.All.Count).WithMessage($"There are {Territories.All.Count} territories.")
                .Must(t => t!.Distinct().Count() == t!.Length).WithMessage("A territory is named twice.")
                .ForEach(t => t.Must(c => c is not null && Territories.All.Contains(c)).WithMessage("A territory is the code of a French département, such as 59, 2A or 974."));
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            if (caller is not { OrganisationId: { } providerId, OrganisationName: { } providerName, Siret: { } siret })
            {
                return Problem.Forbidden("Only a provider's organisation can apply.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var id = Guid.CreateVersion7();
            var now = clock.GetUtcNow().UtcDateTime;
            string[] categories = [.. request.Body.Categories!.OfType<string>()];
            string[] territories = [.. request.Body.Territories!.OfType<string>().Order(StringComparer.Ordinal)];
            var schemeVersion = await db.QuerySingleAsync<int>(
                """
                insert into application (id, version, scheme_version, provider_id, provider_name, siret, categories, territories, status, created_at)
                select @id, 1, max(version), @providerId, @providerName, @siret, @categories, @territories, 'draft', @now from scheme where published_at <= @now
                returning scheme_version
                """, new { id, providerId, providerName, siret, categories, territories, now });
            await facts.AppendAsync(id, 1, new ApplicationOpened(providerId, providerName, siret, schemeVersion, categories, territories), cancellationToken);
            var application = await ApplicationView.ReadAsync(db, id, caller, now);
            return Answer.Created($"/api/accreditation/applications/{id}", application!, 1);
        }
    }
}
