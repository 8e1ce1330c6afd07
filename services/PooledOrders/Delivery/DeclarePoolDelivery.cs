using Dapper;
using FluentValidation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Closing;
using Marketplace.PooledOrders.Notices;
using Marketplace.PooledOrders.Pools;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>What a commitment got of a pool's delivery, in units.</summary>
public sealed record DeliveredShare(Guid Id, int AllocatedQuantity, int DeliveredQuantity);

/// <summary>A pool's delivery: what the paid commitments ordered together, what was delivered, and how it was shared.</summary>
public sealed record PoolDelivery(Guid PoolId, DateOnly DeliveredOn, int OrderedQuantity, int Quantity, int CommitmentCount, IReadOnlyList<DeliveredShare> Commitments);

/// <summary>
/// <c>POST /api/pools/{id}/delivery</c>: the provider declares delivery for every paid commitment at once. The quantity is
/// of those commitments together, everything unless given; less than they ordered is shared by largest remainder over
/// their allocated quantities, in join order, at the same price (DOMAIN §2.2). Commitments that are not paid yet, or whose
/// delivery was declared before, are left as they are.
/// </summary>
public sealed class DeclarePoolDelivery : IEndpoint
{
    public sealed record Body(int? Quantity, DateOnly? DeliveredOn);

    public sealed record Command(Guid PoolId, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/{id:guid}/delivery", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Provider).Produces<PoolDelivery>().WithTags("Delivery").WithSummary("Declare delivery for every paid commitment of a pool");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Quantity).GreaterThanOrEqualTo(0);
                RuleFor(c => c.Body!.DeliveredOn).NotNull();
            });
        }
    }

    private sealed record Ordered(Guid Id, int AllocatedQuantity, DateTime JoinedAt);

    public sealed class Handler(Session session, FactLog facts, Fulfilment fulfilment, GiveNotice notices, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await PoolRow.FindAsync(db, request.PoolId) is not { } found || found.ProviderId != caller.OrganisationId)
            {
                return Problem.NotFound("pool");
            }

            // Locked in the order of the ids, as every writer does; shared in join order.
            var pool = (await PoolRow.LockAsync(db, request.PoolId))!;
            var paid = (await db.QueryAsync<Ordered>(
                "select id, allocated_quantity, joined_at from commitment where pool_id = @Id and status = 'paid' order by id for update", new { pool.Id }))
                .OrderBy(c => c.JoinedAt).ThenBy(c => c.Id).ToList();
            if (paid.Count == 0)
            {
                return Problem.Conflict("nothing-to-deliver", "No commitment of this pool is paid and waits for its delivery.");
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var ordered = paid.Sum(c => c.AllocatedQuantity);
            var (quantity, deliveredOn) = (request.Body!.Quantity ?? ordered, request.Body.DeliveredOn!.Value);
            if ((Declaring.TooMany(quantity, ordered) ?? Declaring.OnAnotherDay(deliveredOn, pool.ClosedAt!.Value, now)) is { } refusal)
            {
                return refusal;
            }

            var shares = LargestRemainder.Share(quantity, paid.Select(c => c.AllocatedQuantity).ToList());
            var delivered = paid.Zip(shares, (c, share) => new DeliveredShare(c.Id, c.AllocatedQuantity, share)).ToList();
            await WriteAsync(pool, delivered, deliveredOn, now, cancellationToken);
            await fulfilment.BeginAsync(pool, cancellationToken);
            return Answer.Ok(new PoolDelivery(pool.Id, deliveredOn, ordered, quantity, delivered.Count, delivered));
        }

        private async Task WriteAsync(PoolRow pool, List<DeliveredShare> delivered, DateOnly deliveredOn, DateTime now, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var written = (await db.QueryAsync<(Guid Id, int Version, int Quantity, Guid Organisation)>(
                """
                update commitment c set status = 'delivered', delivered_quantity = d.quantity, delivered_on = @deliveredOn, declared_at = @now, version = c.version + 1
                from unnest(@ids, @quantities) as d (id, quantity) where c.id = d.id
                returning c.id, c.version, c.delivered_quantity, c.organisation_id
                """, new { deliveredOn, now, ids = delivered.Select(d => d.Id).ToArray(), quantities = delivered.Select(d => d.DeliveredQuantity).ToArray() })).AsList();
            await facts.AppendAsync([.. written.Select(c => facts.New(c.Id, c.Version, new DeliveryDeclared(c.Id, c.Quantity, deliveredOn, now + Declaring.Silence)))], ct);
            await notices.ToAsync(
                new Notice(NoticeKind.DeliveryDeclared, pool.Id, pool.Title, Notice.At(written[0].Id, written[0].Version), now + Declaring.Silence),
                written.Select(c => new NoticeRecipient(c.Organisation, c.Id, null)), ct);
        }
    }
}
