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
/// <c>POST /api/commitments/{id}/delivery</c>: the provider declares what it delivered for one commitment, from nothing to
/// all that was allocated. Declaring again before the acceptance corrects it, and the business's seven days begin anew.
/// Honours <c>If-Match</c>.
/// </summary>
public sealed class DeclareDelivery : IEndpoint
{
    public sealed record Body(int? Quantity, DateOnly? DeliveredOn);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/delivery", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Provider).Produces<CommitmentView>().WithTags("Delivery").WithSummary("Declare what was delivered for a commitment");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Quantity).NotNull().GreaterThanOrEqualTo(0);
                RuleFor(c => c.Body!.DeliveredOn).NotNull();
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, Fulfilment fulfilment, GiveNotice notices, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockWithPoolAsync(db, request.Id, IsOrderOfCaller) is not { } order)
            {
                return Problem.NotFound("commitment");
            }

            var (pool, commitment) = order;
            if (caller.ExpectedVersion is { } expected && expected != commitment.Version)
            {
                return Problem.Stale(commitment.Version);
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var (quantity, deliveredOn) = (request.Body!.Quantity!.Value, request.Body.DeliveredOn!.Value);
            if ((Declaring.NotNow(commitment, now) ?? Declaring.TooMany(quantity, commitment.AllocatedQuantity!.Value) ?? Declaring.OnAnotherDay(deliveredOn, pool.ClosedAt!.Value, now)) is { } refusal)
            {
                return refusal;
            }

            var version = commitment.Version + 1;
            await db.ExecuteAsync(
                "update commitment set status = 'delivered', delivered_quantity = @quantity, delivered_on = @deliveredOn, declared_at = @now, version = @version where id = @Id",
                new { quantity, deliveredOn, now, version, request.Id });
            await facts.AppendAsync(request.Id, version, new DeliveryDeclared(request.Id, quantity, deliveredOn, now + Declaring.Silence), cancellationToken);
            await notices.ToAsync(
                new Notice(NoticeKind.DeliveryDeclared, pool.Id, pool.Title, Notice.At(commitment.Id, version), now + Declaring.Silence),
                [new NoticeRecipient(commitment.OrganisationId, commitment.Id, null)], cancellationToken);
            await fulfilment.BeginAsync(pool, cancellationToken);
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, request.Id))!), version);
        }

        private bool IsOrderOfCaller(CommitmentRow c) =>
            c.ProviderId == caller.OrganisationId && c.AllocatedQuantity is not null && PoolStatus.Awarded.Contains(c.PoolStatus);
    }
}
