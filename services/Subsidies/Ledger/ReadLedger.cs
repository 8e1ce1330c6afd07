using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Programmes;
using MediatR;

namespace Marketplace.Subsidies.Ledger;

/// <summary>Finance staff read the ledger, oldest first, and what every account holds.</summary>
public sealed class ReadLedger : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/ledger", (string? account, Guid? programmeId, Guid? reference, Guid? document, string? from, string? to, PageQuery page, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new Entries(account, programmeId, reference, document, from, to, page), ct))
            .RequireRole(Roles.Finance).Produces<Page<Entry>>().WithTags("Ledger").WithSummary("The entries of the ledger, oldest first");
        routes.MapGet("/api/subsidies/ledger/balances", (Guid? programmeId, IMediator mediator, CancellationToken ct) => mediator.Send(new Balances(programmeId), ct))
            .RequireRole(Roles.Finance).Produces<BalanceList>().WithTags("Ledger").WithSummary("What every account holds");
    }

    /// <summary>The query; absent filters take everything. From and to: instants or dates (UTC), half-open.</summary>
    public sealed record Entries(string? Account, Guid? ProgrammeId, Guid? Reference, Guid? Document, string? From, string? To, PageQuery Page) : IQuery;

    /// <summary>The balances of one programme, or of all.</summary>
    public sealed record Balances(Guid? ProgrammeId) : IQuery;

    /// <summary>One side of an entry, in cents; the other of the two amounts is 0.</summary>
    public sealed record Line(string Account, long DebitCents, long CreditCents);

    /// <summary>An entry as it is answered; hashes in lower-case hex (<see cref="LedgerEntry.HashAfter"/>).</summary>
    public sealed record Entry(
        long Sequence, DateTime At, Guid ProgrammeId, Line[] Lines, string Reason, Guid Reference, Guid? Document, long? Reverses, Guid? Actor, string? Note, string Hash, string PreviousHash);

    /// <summary>Debits less credits, in cents; only <c>voted</c> is below zero.</summary>
    public sealed record Balance(Guid ProgrammeId, string Account, long BalanceCents);

    /// <summary>All balances that were asked for.</summary>
    public sealed record BalanceList(IReadOnlyList<Balance> Items);

    /// <summary>The stored row.</summary>
    public sealed record Row(
        long Sequence, DateTime At, Guid ProgrammeId, string DebitAccount, string CreditAccount, long AmountCents, string Reason, Guid Reference, Guid? Document, long? Reverses, Guid? Actor,
        string? Note, byte[] PreviousHash, byte[] Hash)
    {
        /// <summary>As it is answered.</summary>
        public Entry ToEntry() => new(
            Sequence, At, ProgrammeId, [new Line(DebitAccount, AmountCents, 0), new Line(CreditAccount, 0, AmountCents)], Reason, Reference, Document, Reverses, Actor, Note,
            Convert.ToHexStringLower(Hash), Convert.ToHexStringLower(PreviousHash));

        /// <summary>As it was hashed.</summary>
        public LedgerEntry ToLedgerEntry() => new(Sequence, At, ProgrammeId, DebitAccount, CreditAccount, AmountCents, Reason, Reference, Document, Reverses, Actor, Note);
    }

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<Entries, Answer>, IRequestHandler<Balances, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Entries request, CancellationToken cancellationToken)
        {
            if (request.Account is not null && !Accounts.All.Contains(request.Account))
            {
                return Problem.Invalid("account", $"An account is one of {string.Join(", ", Accounts.All)}.");
            }

            var (from, to) = (ValidityDate.Parse(request.From), ValidityDate.Parse(request.To));
            if (request.From is not null && from is null || request.To is not null && to is null)
            {
                return Problem.Invalid(from is null && request.From is not null ? "from" : "to", "An instant with its offset or a date is expected.");
            }

            var after = 0L;
            if (request.Page.After.Count > 0 && !long.TryParse(request.Page.After[^1], out after))
            {
                throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Row>(
                $"""
                select {LedgerEntry.Columns}, previous_hash, hash from ledger_entry
                where sequence > @after and (@Account::text is null or debit_account = @Account or credit_account = @Account)
                  and (@ProgrammeId::uuid is null or programme_id = @ProgrammeId) and (@Reference::uuid is null or reference = @Reference)
                  and (@Document::uuid is null or document = @Document) and (@from::timestamptz is null or at >= @from) and (@to::timestamptz is null or at < @to)
                order by sequence limit @limit
                """,
                new { after, request.Account, request.ProgrammeId, request.Reference, request.Document, from, to, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows.Select(r => r.ToEntry()).ToList(), e => [$"{e.Sequence}"]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(Balances request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<Balance>(
                "select programme_id, account, balance_cents from ledger_balance where @ProgrammeId::uuid is null or programme_id = @ProgrammeId order by programme_id, account", request);
            return Answer.Ok(new BalanceList(rows.AsList()));
        }
    }
}
