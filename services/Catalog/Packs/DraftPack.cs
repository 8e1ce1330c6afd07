using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Packs;

/// <summary>A provider drafted a pack; for the history.</summary>
public sealed record PackDrafted(Guid PackId, Guid ProviderId, int PackVersion, string Name, int Version);

/// <summary>A provider writes down a new pack; nobody else sees it before it is listed.</summary>
public sealed class DraftPack : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/catalog/packs", (PackTerms? terms, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(terms ?? new PackTerms()), ct))
        .RequireRole(Roles.Provider);

    /// <summary>The terms of version 1.</summary>
    public sealed record Command(PackTerms Body) : ICommand;

    private sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Body).SetValidator(new PackTermsValidator());
    }

    private sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            if (caller.OrganisationId is not { } provider)
            {
                return Problem.Forbidden("Packs belong to a provider's organisation.");
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var pack = Pack.New(provider, now).With(command.Body, caller.OrganisationName ?? "");
            var db = await session.OpenAsync(cancellationToken);
            await db.ExecuteAsync(
                """
                insert into pack (id, provider_id, status, version, stream_version, created_at, updated_at)
                values (@Id, @ProviderId, @Status, @Version, @StreamVersion, @CreatedAt, @UpdatedAt)
                """, pack);
            await PackRows.AddVersionAsync(db, pack);
            await facts.AppendAsync(pack.Id, pack.StreamVersion, new PackDrafted(pack.Id, provider, pack.Version, pack.Name, pack.StreamVersion), cancellationToken);
            return Answer.Created($"/api/catalog/packs/{pack.Id}", pack.View(), pack.Version);
        }
    }
}
