using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Packs;

/// <summary>A provider dropped a draft that nobody else had seen; for the history.</summary>
public sealed record DraftWithdrawn(Guid PackId, int Version);

/// <summary>A provider takes a pack back; it may list it again. What is withdrawn already stays as it is.</summary>
public sealed class WithdrawPack : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/catalog/packs/{id:guid}/withdraw", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .RequireRole(Roles.Provider);

    /// <summary>The pack to take back.</summary>
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

            if (pack.Status != PackStanding.Withdrawn)
            {
                pack = pack.MovedTo(PackStanding.Withdrawn, clock.GetUtcNow().UtcDateTime);
                await PackRows.SaveAsync(db, [pack]);
                object fact = pack.FirstListedAt is null ? new DraftWithdrawn(pack.Id, pack.StreamVersion) : pack.AsDelisted("withdrawn");
                await facts.AppendAsync(pack.Id, pack.StreamVersion, fact, cancellationToken);
            }

            return Answer.Ok(pack.View(), pack.Version);
        }
    }
}
