using Dapper;
using FluentValidation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Notices;
using Marketplace.PooledOrders.Pools;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// <c>POST /api/commitments/{id}/acceptance</c>: the business accepts what was delivered, or refuses it with a reason, which
/// takes the declaration back until the provider declares again (DOMAIN §6). Honours <c>If-Match</c>, so that nobody
/// accepts a declaration that was corrected meanwhile.
/// </summary>
public sealed class AcceptDelivery : IEndpoint
{
    public sealed record Body(bool? Accepted, string? Reason);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/acceptance", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Business).Produces<CommitmentView>().WithTags("Delivery").WithSummary("Accept or refuse what was delivered");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Accepted).NotNull();
                RuleFor(c => c.Body!.Reason).NotEmpty().When(c => c.Body!.Accepted == false).WithMessage("A refusal needs a reason.");
                RuleFor(c => c.Body!.Reason).MaximumLength(2000);
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, Acceptance acceptance, GiveNotice notices, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockOwnAsync(db, request.Id, caller.OrganisationId) is not { } own)
            {
                return Problem.NotFound("commitment");
            }

            var (pool, commitment) = own;
            if (caller.ExpectedVersion is { } expected && expected != commitment.Version)
            {
                return Problem.Stale(commitment.Version);
            }

            var accepted = request.Body!.Accepted!.Value;
            if (Declaring.NotToAnswer(commitment, accepted, clock.GetUtcNow().UtcDateTime) is { } refusal)
            {
                return refusal;
            }

            await (accepted
                ? acceptance.AcceptAsync(commitment.PoolId, [commitment.Id], tacit: false, cancellationToken)
                : RefuseAsync(pool, commitment, request.Body.Reason!.Trim(), cancellationToken));
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, request.Id))!), commitment.Version + 1);
        }

        private async Task RefuseAsync(PoolRow pool, CommitmentRow commitment, string reason, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var version = commitment.Version + 1;
            await db.ExecuteAsync(
                """
                update commitment set status = 'paid', delivered_quantity = null, delivered_on = null, declared_at = null, refused_at = @now, refusal_reason = @reason, version = @version
                where id = @Id
                """, new { now = clock.GetUtcNow().UtcDateTime, reason, version, commitment.Id });
            await facts.AppendAsync(commitment.Id, version, new DeliveryRefused(commitment.Id, commitment.DeliveredQuantity!.Value, reason), ct);
            await notices.ToAsync(
                new Notice(NoticeKind.DeliveryRefused, pool.Id, pool.Title, Notice.At(commitment.Id, version)), [new NoticeRecipient(commitment.ProviderId, null, null)], ct);
        }
    }
}
