using Marketplace.Catalog.Accreditations;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Catalog.Packs;

/// <summary>
/// A provider lists a pack, for the first time or again; 409 <c>not-accredited</c> without an active accreditation that
/// covers it (DOMAIN §1). What is listed already stays as it is.
/// </summary>
public sealed class ListPack : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/catalog/packs/{id:guid}/list", async (Guid id, Caller caller, NpgsqlDataSource source, IMediator mediator, CancellationToken ct) =>
        {
            if (await OwnAsync(source, id, caller.OrganisationId, ct) is { } pack)
            {
                await Coverage.ArrivalAsync(source, pack.ProviderId, pack.Category, pack.Territories, ct);
            }

            return await mediator.Send(new Command(id), ct);
        })
        .RequireRole(Roles.Provider);

    private static async Task<Pack?> OwnAsync(NpgsqlDataSource source, Guid id, Guid? provider, CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        return await PackRows.FindAsync(db, id) is { } pack && pack.ProviderId == provider ? pack : null;
    }

    /// <summary>The pack to list.</summary>
    public sealed record Command(Guid Id) : ICommand;

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

            var covered = Coverage.Holds(await Coverage.ActiveAsync(db, pack.ProviderId), pack.Category, pack.Territories);
            if (PackStanding.WhenListed(covered) is not { } status)
            {
                return Coverage.NotAccredited;
            }

            if (status != pack.Status)
            {
                pack = pack.MovedTo(status, clock.GetUtcNow().UtcDateTime);
                await PackRows.SaveAsync(db, [pack]);
                await facts.AppendAsync(pack.Id, pack.StreamVersion, pack.AsListed(), cancellationToken);
            }

            return Answer.Ok(pack.View(), pack.Version);
        }
    }
}
