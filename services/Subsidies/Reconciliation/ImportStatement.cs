using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.BankStatements;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Periods;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>A bank statement was imported; for the history. Counts are movements.</summary>
public sealed record StatementImported(Guid StatementId, string Sha256, string Format, int Movements, int Imported, int Exact, int Exceptions, int Version);

/// <summary>
/// Finance staff import what the bank booked: camt.053 or CSV, told apart by content. The whole file or nothing of it,
/// and of each movement only its first import: the same file, or one that overlaps it, changes nothing a second time.
/// </summary>
public sealed class ImportStatement : IEndpoint
{
    private const long MostBytes = 256 << 20;
    private const int MostWarnings = 100;
    private static readonly string[] SilentTypes = ["text/plain", "application/octet-stream"];

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/bank-statements", ReceiveAsync)
        .Accepts<Stream>("application/xml", "text/xml", "text/csv", "application/csv", "text/plain", "application/octet-stream")
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes))
        .RequireRole(Roles.Finance).Produces<Receipt>().WithTags("Reconciliation").WithSummary("Import a bank statement (camt.053 or CSV) and match its movements");

    private static async Task<Answer> ReceiveAsync(HttpRequest request, Caller caller, IMediator mediator, CancellationToken ct)
    {
        if (IdempotencyStore.Refuses(caller.IdempotencyKey, required: true) is { } refusal)
        {
            return refusal;
        }

        var type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        await using var file = await ReceivedFile.TakeAsync(request.Body, ct);
        return await mediator.Send(new Command(file.Sha256, SilentTypes.Contains(type) ? null : type, file.Content), ct);
    }

    /// <summary>The hash stands for the content where a retry is compared with the first request.</summary>
    public sealed record Command(string Sha256, string? MediaType, [property: JsonIgnore] Stream Content) : IKeyedCommand;

    /// <summary>What an import came to; all but the id count movements, <c>ignored</c> entries that are not booked (pending, information). Warnings are for a person to read.</summary>
    public sealed record Receipt(Guid Id, int Imported, int AlreadyKnown, int Exact, int Exceptions, int Ignored, IReadOnlyList<string> Warnings);

    /// <summary>Imports in one transaction. The file is read before the money lock is taken, so that a large one keeps nobody waiting.</summary>
    public sealed class Handler(Session session, FactLog facts, MoveAid move, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var sha256 = Convert.FromHexString(request.Sha256);
            if (await KnownAsync(db, sha256) is { } known)
            {
                return known;
            }

            StatementSummary summary;
            try
            {
                summary = await StageMovements.RunAsync(db, request.Content, request.MediaType, clock.GetUtcNow(), cancellationToken);
            }
            catch (StatementFaultException fault)
            {
                return Refusal(fault);
            }

            await MoneyLock.TakeAsync(db);
            return await KnownAsync(db, sha256) ?? await ImportAsync(db, request, sha256, summary, cancellationToken);
        }

        private async Task<Answer> ImportAsync(NpgsqlConnection db, Command request, byte[] sha256, StatementSummary summary, CancellationToken ct)
        {
            var fresh = await StageMovements.KeepNewAsync(db, summary.AccountIban ?? "");
            var closed = await ClosedPeriods.ReadAsync(db);
            var days = await db.QueryAsync<(DateOnly Day, int Line)>("select booking_date, min(line) from fresh_movement group by booking_date order by min(position)");
            foreach (var (day, line) in days.Where(d => closed.Contain(d.Day)))
            {
                return ClosedPeriods.Refusal(day, $"The movement in line {line}");
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var id = Guid.CreateVersion7(clock.GetUtcNow());
            var warnings = summary.Warnings.Take(MostWarnings).ToArray();
            await db.ExecuteAsync(
                """
                insert into bank_statement (id, sha256, format, account, statement_ids, first_day, last_day, movements, imported, exact, exceptions, ignored, warnings, imported_by, imported_at)
                values (@id, @sha256, @Format, @AccountIban, @ids, @From, @To, @Movements, 0, 0, 0, @PendingIgnored, @warnings, @by, @now)
                """,
                new
                {
                    id,
                    sha256,
                    summary.Format,
                    summary.AccountIban,
                    ids = summary.StatementIds.ToArray(),
                    summary.From,
                    summary.To,
                    summary.Movements,
                    summary.PendingIgnored,
                    warnings,
                    by = caller.UserIdOrEmpty,
                    now,
                });
            var exact = await new MatchMovements(db, facts, move, id, now).RunAsync(fresh, ct);
            var receipt = new Receipt(id, fresh, summary.Movements - fresh, exact, fresh - exact, summary.PendingIgnored, warnings);
            await db.ExecuteAsync("update bank_statement set imported = @Imported, exact = @Exact, exceptions = @Exceptions where id = @Id", receipt);
            await facts.AppendAsync(id, 1, new StatementImported(id, request.Sha256, summary.Format, summary.Movements, fresh, exact, fresh - exact, 1), ct);
            return Answer.Ok(receipt);
        }

        private static async Task<Answer?> KnownAsync(NpgsqlConnection db, byte[] sha256)
        {
            var known = await db.QuerySingleOrDefaultAsync<Known>("select id, movements, ignored, warnings from bank_statement where sha256 = @sha256", new { sha256 });
            return known is null ? null : Answer.Ok(new Receipt(known.Id, 0, known.Movements, 0, 0, known.Ignored, known.Warnings));
        }

        private static Problem Refusal(StatementFaultException fault) => new(
            400, "invalid-input", "The input is not valid.", $"Line {fault.Line}: {fault.Reason}",
            new Dictionary<string, string[]> { [$"line {fault.Line}"] = [fault.Reason] }, new Dictionary<string, object?> { ["line"] = fault.Line, ["reason"] = fault.Reason });

        private sealed record Known(Guid Id, int Movements, int Ignored, string[] Warnings);
    }
}
