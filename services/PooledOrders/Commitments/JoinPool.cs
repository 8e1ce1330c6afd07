using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>
/// <c>POST /api/pools/{id}/commitments</c> †: a business joins a pool (DOMAIN §2). At the deadline everybody writes to
/// the same pool, so joins are folded into few transactions by <see cref="FoldedJoins"/>.
/// </summary>
public sealed class JoinPool : IEndpoint
{
    /// <summary>The request body: quantity and tolerance in units, price limit in cents, a payment method of the payment provider.</summary>
    public sealed record Body(int? Quantity, int? Tolerance, long? PriceLimitCents, string? PaymentMethod);

    /// <summary>Not an <see cref="ICommand"/>: the folded writer has the transaction and the idempotency record.</summary>
    public sealed record Command(Guid PoolId, Body? Body) : IRequest<Answer>;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/{id:guid}/commitments", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Business).Produces<CommitmentView>(201).WithTags("Commitments").WithSummary("Join a pool (needs an Idempotency-Key)");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Quantity).NotNull().InclusiveBetween(1, 1_000_000);
                RuleFor(c => c.Body!.Tolerance).InclusiveBetween(0, 1_000_000);
                RuleFor(c => c.Body!.PriceLimitCents).InclusiveBetween(1, 1_000_000_000);
                RuleFor(c => c.Body!.PaymentMethod).Matches("^[A-Za-z0-9_]{1,255}$").WithMessage("A payment method's id of the payment provider is expected, such as pm_card_visa.");
            });
        }
    }

    public sealed class Handler(FoldedJoins joins, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var key = caller.IdempotencyKey;
            if (IdempotencyStore.Refuses(key, required: true) is { } refusal)
            {
                return refusal;
            }

            if (caller is not { UserId: { } user, OrganisationId: { } organisation, Siren: { } siren, Siret: { } siret, Departement: { } departement, OrganisationName: { } name })
            {
                return Problem.Forbidden("Only a business's own user may join.");
            }

            var body = request.Body!;
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"join {JsonSerializer.Serialize(request, Json.Options)}"));
            return await joins.JoinAsync(
                new JoinRequest(
                    request.PoolId,
                    new Demand(body.Quantity!.Value, body.Tolerance ?? 0, body.PriceLimitCents),
                    body.PaymentMethod,
                    user,
                    caller.Role,
                    organisation,
                    name,
                    siren,
                    siret,
                    departement,
                    caller.Headcount,
                    caller.TurnoverCents,
                    key!,
                    hash),
                cancellationToken);
        }
    }
}
