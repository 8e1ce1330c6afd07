using System.Globalization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Reports;
using MediatR;

namespace Marketplace.Subsidies.Periods;

/// <summary>Finance staff list the closed years, and read one with its closing figures.</summary>
public sealed class ReadPeriods : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/periods", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new All(page), ct))
            .RequireRole(Roles.Finance).Produces<Page<Item>>().WithTags("Periods").WithSummary("The years whose books are closed");
        routes.MapGet("/api/subsidies/periods/{year}", (string year, IMediator mediator, CancellationToken ct) => mediator.Send(new One(year), ct))
            .RequireRole(Roles.Finance).Produces<PeriodView>().WithTags("Periods").WithSummary("A closed year with its closing figures");
    }

    /// <summary>All of them, oldest first.</summary>
    public sealed record All(PageQuery Page) : IQuery;

    /// <summary>One of them.</summary>
    public sealed record One(string Year) : IQuery;

    /// <summary>A closed year in the list (<see cref="PeriodView"/>).</summary>
    public sealed record Item(int Year, long LastSequence, string LastHash, string? Reason, Guid ClosedBy, DateTime ClosedAt);

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            var after = request.Page.After.Count == 0 ? 0 : Period.ParseYear(request.Page.After[^1]) ?? throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<PeriodView.Row>(
                $"select {PeriodView.Row.Columns} from closed_period where year > @after order by year limit @limit", new { after, limit = request.Page.Limit + 1 });
            return Answer.Ok(request.Page.Of(
                rows.Select(r => new Item(r.Year, r.LastSequence, Convert.ToHexStringLower(r.LastHash), r.Reason, r.ClosedBy, r.ClosedAt)).ToList(),
                i => [i.Year.ToString(CultureInfo.InvariantCulture)]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            Period.ParseYear(request.Year) is not { } year ? ClosePeriod.NoYear()
            : await PeriodView.ReadAsync(await session.OpenAsync(cancellationToken), year) is { } view ? Answer.Ok(view)
            : Problem.NotFound("closed year");
    }
}
