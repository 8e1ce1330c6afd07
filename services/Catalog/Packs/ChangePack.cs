using FluentValidation;
using Marketplace.Catalog.Accreditations;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Catalog.Packs;

/// <summary>A provider changed the terms of a pack that is not listed; for the history.</summary>
public sealed record PackChanged(Guid PackId, int PackVersion, string Status, int Version);

/// <summary>
/// A provider changes a pack's terms: a new version, beside the older ones (DOMAIN §1). A listed pack stays listed, with
/// the new version; 409 <c>not-accredited</c> when the new scope is not covered.
/// </summary>
public sealed class ChangePack : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/catalog/packs/{id:guid}", async (Guid id, PackTerms? terms, Caller caller, NpgsqlDataSource source, IMediator mediator, CancellationToken ct) =>
        {
            if (caller.OrganisationId is { } provider && terms is { Category: { } category, Territories: not null } && await IsListedAsync(source, id, provider, ct))
            {
                await Coverage.ArrivalAsync(source, provider, category, terms.Territories.OfType<string>().ToArray(), ct);
            }

            return await mediator.Send(new Command(id, terms ?? new PackTerms()), ct);
        })
        .RequireRole(Roles.Provider);

    private static async Task<bool> IsListedAsync(NpgsqlDataSource source, Guid id, Guid provider, CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        return await PackRows.FindAsync(db, id) is { Status: PackStanding.Listed } pack && pack.ProviderId == provider;
    }

    /// <summary>The terms of the next version.</summary>
    public sealed record Command(Guid Id, PackTerms Body) : ICommand;

    private sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Body).SetValidator(new PackTermsValidator());
    }

    private sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var (pack, refusal) = await PackRows.HoldOwnAsync(db, command.Id, caller);
            if (pack is null)
            {
                return refusal!;
            }

            if (caller.ExpectedVersion is { } expected && expected != pack.CurrentVersion)
            {
                return Problem.Stale(pack.CurrentVersion);
            }

            var changed = pack.With(command.Body, caller.OrganisationName ?? pack.ProviderName);
            var covered = Coverage.Holds(await Coverage.ActiveAsync(db, pack.ProviderId), changed.Category, changed.Territories);
            if (PackStanding.WhenChanged(pack.Status, covered) is not { } status)
            {
                return Coverage.NotAccredited;
            }

            changed = changed.MovedTo(status, clock.GetUtcNow().UtcDateTime);
            await PackRows.AddVersionAsync(db, changed);
            await PackRows.SaveAsync(db, [changed]);
            object fact = status == PackStanding.Listed ? changed.AsListed() : new PackChanged(changed.Id, changed.Version, status, changed.StreamVersion);
            await facts.AppendAsync(changed.Id, changed.StreamVersion, fact, cancellationToken);
            return Answer.Ok(changed.View(), changed.Version);
        }
    }
}
