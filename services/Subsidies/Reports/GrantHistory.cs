using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Ledger;
using MediatR;

namespace Marketplace.Subsidies.Reports;

/// <summary>Finance staff read all that happened to a grant: what was decided about its commitment, and how its money moved.</summary>
public sealed class GrantHistory : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/grants/{id:guid}/history", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
        .RequireRole(Roles.Finance).Produces<History>().WithTags("Grants").WithSummary("Everything that happened to a grant, oldest first");

    /// <summary>The query.</summary>
    public sealed record Query(Guid Id) : IQuery;

    /// <summary>A fact of the commitment or the grant (<c>fact</c>), or an entry of the ledger (<c>entry</c>); the other of the two is null.</summary>
    public sealed record Event(DateTime At, Guid? Actor, string Type, RecordedFact? Fact, ReadLedger.Entry? Entry);

    /// <summary>All of them, oldest first.</summary>
    public sealed record History(Guid GrantId, Guid CommitmentId, IReadOnlyList<Event> Items);

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await db.QuerySingleOrDefaultAsync<Guid?>("select commitment_id from aid_grant where id = @Id", request) is not { } commitmentId)
            {
                return Problem.NotFound("grant");
            }

            var told = await facts.HistoryAsync(commitmentId, cancellationToken);
            var toldOfGrant = await facts.HistoryAsync(request.Id, cancellationToken);
            var entries = await db.QueryAsync<ReadLedger.Row>($"select {LedgerEntry.Columns}, previous_hash, hash from ledger_entry where reference = @Id order by sequence", request);
            var events = told.Concat(toldOfGrant).Select(f => new Event(f.At, f.Actor, f.Type, f, null))
                .Concat(entries.Select(e => new Event(e.At, e.Actor, e.Reason, null, e.ToEntry())))
                .OrderBy(e => e.At)
                .ToList();
            return Answer.Ok(new History(request.Id, commitmentId, events));
        }
    }
}
