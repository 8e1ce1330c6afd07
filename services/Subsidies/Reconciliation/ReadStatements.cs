using System.Globalization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>Finance staff list the imported statements, newest first, and read one with its movements.</summary>
public sealed class ReadStatements : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/bank-statements", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new All(page), ct))
            .RequireRole(Roles.Finance).Produces<Page<Statement>>().WithTags("Reconciliation").WithSummary("The imported bank statements, newest first");
        routes.MapGet("/api/subsidies/bank-statements/{id:guid}", (Guid id, string? outcome, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id, outcome, page), ct))
            .RequireRole(Roles.Finance).Produces<WithMovements>().WithTags("Reconciliation").WithSummary("A bank statement with the movements that it brought first, and what they came to");
    }

    /// <summary>All of them.</summary>
    public sealed record All(PageQuery Page) : IQuery;

    /// <summary>One of them; the page is of its movements.</summary>
    public sealed record One(Guid Id, string? Outcome, PageQuery Page) : IQuery;

    /// <summary>An imported file; SHA-256 in lower-case hex. Movements: in the file; imported: those that no file brought before.</summary>
    public sealed record Statement(
        Guid Id, string Sha256, string Format, string? Account, string[] StatementIds, DateOnly? FirstDay, DateOnly? LastDay, int Movements, int Imported, int Exact, int Exceptions, int Ignored, string[] Warnings,
        Guid ImportedBy, DateTime ImportedAt)
    {
        /// <summary>The columns, in the record's order.</summary>
        public const string Columns =
            "id, encode(sha256, 'hex') as sha256, format, account, statement_ids, first_day, last_day, movements, imported, exact, exceptions, ignored, warnings, imported_by, imported_at";
    }

    /// <summary>A movement; amount in cents, > 0 left our account. The run: of a movement that the bank booked for all of it.</summary>
    public sealed record MovementView(
        Guid Id, int Position, int Line, DateOnly BookingDate, long AmountCents, string? EndToEndId, string? Iban, string? Reference, string? BankReference, bool IsReturn, string? ReturnReason,
        string? PaymentInformationId, string Outcome, Guid? TransferId, Guid? RunId);

    /// <summary>A statement and a page of its movements, in the order of the file.</summary>
    public sealed record WithMovements(Statement Statement, IReadOnlyList<MovementView> Items, string? NextCursor);

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Statement>(
                $"select {Statement.Columns} from bank_statement where @before::uuid is null or id < @before order by id desc limit @limit",
                new { before = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, s => [s.Id.ToString()]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken)
        {
            if (request.Outcome is not null and not Outcomes.Exact && !Outcomes.Exceptions.Contains(request.Outcome))
            {
                return Problem.Invalid("outcome", $"An outcome is one of {Outcomes.Exact}, {string.Join(", ", Outcomes.Exceptions)}.");
            }

            var after = 0;
            if (request.Page.After.Count > 0 && !int.TryParse(request.Page.After[^1], NumberStyles.None, CultureInfo.InvariantCulture, out after))
            {
                throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
            }

            var db = await session.OpenAsync(cancellationToken);
            if (await db.QuerySingleOrDefaultAsync<Statement>($"select {Statement.Columns} from bank_statement where id = @Id", new { request.Id }) is not { } statement)
            {
                return Problem.NotFound("bank statement");
            }

            var rows = (await db.QueryAsync<MovementView>(
                """
                select id, position, line, booking_date, amount_cents, end_to_end_id, iban, reference, bank_reference, is_return, return_reason, payment_information_id, outcome, transfer_id, run_id
                from bank_movement where statement_id = @Id and position > @after and (@Outcome::text is null or outcome = @Outcome) order by position limit @limit
                """, new { request.Id, request.Outcome, after, limit = request.Page.Limit + 1 })).AsList();
            var page = request.Page.Of(rows, m => [m.Position.ToString(CultureInfo.InvariantCulture)]);
            return Answer.Ok(new WithMovements(statement, page.Items, page.NextCursor));
        }
    }
}
