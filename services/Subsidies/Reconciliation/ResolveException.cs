using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.PaymentRuns;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>Finance staff resolve an exception, with a reason; <see cref="Resolution"/> tells which words move money.</summary>
public sealed class ResolveException : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/reconciliation/exceptions/{id:guid}/resolve", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Finance).Produces<ExceptionView>().WithTags("Reconciliation")
        .WithSummary("Resolve an exception; pay-again, pay-rest and paid move money, other words only close it");

    /// <summary>What finance staff send.</summary>
    public sealed record Body(string? Resolution, string? Reason);

    /// <summary>The command.</summary>
    public sealed record Command(Guid Id, Body Body) : ICommand;

    /// <summary>Both are needed.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(c => c.Body.Resolution).Must(r => !string.IsNullOrWhiteSpace(r)).WithMessage("A resolution is needed, in a few words.").MaximumLength(100);
            RuleFor(c => c.Body.Reason).Must(r => !string.IsNullOrWhiteSpace(r)).WithMessage("A reason is needed.").MaximumLength(2_000);
        }
    }

    /// <summary>Resolves under the money lock.</summary>
    public sealed class Handler(Session session, FactLog facts, MoveAid move, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            var held = await db.QuerySingleOrDefaultAsync<Held>("select id, kind, status, transfer_id, run_id, version from reconciliation_exception where id = @Id for update", request);
            if (held is null)
            {
                return Problem.NotFound("exception");
            }

            if (held.Status != "open")
            {
                return Problem.Conflict("already-resolved", "The exception is resolved already.");
            }

            var (word, reason) = (request.Body.Resolution!.Trim(), request.Body.Reason!.Trim());
            var transfer = held.TransferId is { } transferId ? await LoadTransfers.OneAsync(db, transferId) : null;
            var resolution = Resolution.Decide(word, held.Kind, transfer, held.RunId is not null && transfer is null);
            if ((resolution.Refusal ?? await EntangledAsync(db, held, resolution.Move)) is { } refusal)
            {
                return Problem.Conflict("resolution-refused", "This resolution is not possible.", refusal);
            }

            var now = clock.GetUtcNow().UtcDateTime;
            await MoveAsync(db, held, transfer, resolution.Move, reason, now, cancellationToken);
            var version = held.Version + 1;
            await db.ExecuteAsync(
                "update reconciliation_exception set status = 'resolved', resolution = @word, reason = @reason, resolved_by = @by, resolved_at = @now, version = @version where id = @Id",
                new { word, reason, by = caller.UserIdOrEmpty, now, version, held.Id });
            await facts.AppendAsync(held.Id, version, new ExceptionResolved(held.Id, held.Kind, word, reason, held.TransferId, version), cancellationToken);
            return Answer.Ok((await ExceptionView.OneAsync(db, held.Id))!, version);
        }

        /// <summary>What the transfer alone does not tell: money of its run that is not explained yet, and its aid in a younger run.</summary>
        private static Task<string?> EntangledAsync(NpgsqlConnection db, Held held, ResolutionMove move) => move is not (ResolutionMove.Reopen or ResolutionMove.PayPart)
            ? Task.FromResult<string?>(null)
            : db.QuerySingleOrDefaultAsync<string?>(
                """
                select case
                  when exists (select from reconciliation_exception e where e.run_id = @RunId and e.transfer_id is null and e.status = 'open')
                    then 'The bank booked an amount for the whole run that is not explained yet: resolve that first.'
                  when exists (select from transfer_grant mine join transfer_grant other using (grant_id) where mine.transfer_id = @TransferId and other.transfer_id <> @TransferId and other.active)
                    then 'A part of this aid is in another payment run: wait for its end.'
                end
                """, held);

        private async Task MoveAsync(NpgsqlConnection db, Held held, Transfer? transfer, ResolutionMove what, string reason, DateTime now, CancellationToken ct)
        {
            var transfers = new MoveTransfers(db, move);
            switch (what)
            {
                case ResolutionMove.Pay:
                    var paid = (await db.QueryAsync<Guid>(
                        """
                        update payment_transfer set status = 'paid', settled_at = @now, debited_cents = greatest(debited_cents, amount_cents)
                        where status = 'ordered' and (id = @TransferId or (@TransferId::uuid is null and run_id = @RunId)) returning id
                        """, new { held.TransferId, held.RunId, now })).ToArray();
                    foreach (var ids in paid.Chunk(5_000))
                    {
                        await transfers.PayAsync(ids, held.Id, reason, ct);
                    }

                    break;
                case ResolutionMove.PayPart:
                    await transfers.PayPartAsync(transfer!.Id, transfer.LeftCents, held.Id, reason, ct);
                    await CloseAsync(TransferStatus.Settled);
                    break;
                case ResolutionMove.Reopen when held.Kind == Outcomes.Rejected:
                    await transfers.ReopenAsync([transfer!.Id], GrantStatus.Rejected, "rejected", held.Id, reason, ct);
                    await CloseAsync(TransferStatus.Rejected);
                    break;
                case ResolutionMove.Reopen:
                    await transfers.ReopenAsync([transfer!.Id], GrantStatus.ServiceDone, "reopened", held.Id, reason, ct);
                    await CloseAsync(TransferStatus.Settled);
                    break;
            }

            Task CloseAsync(string status) => db.ExecuteAsync("update payment_transfer set status = @status, settled_at = @now where id = @Id", new { status, now, transfer!.Id });
        }

        private sealed record Held(Guid Id, string Kind, string Status, Guid? TransferId, Guid? RunId, int Version);
    }
}
