using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Schemes;

/// <summary>A criterion of a scheme.</summary>
/// <param name="Key">Its lower-case hyphenated name.</param>
/// <param name="Text">What is asked, in French.</param>
/// <param name="Mandatory">Whether an application in one of the categories needs evidence for it.</param>
/// <param name="Categories">The categories it applies to.</param>
/// <param name="ValidityMonths">How long its evidence lasts; null when the scheme sets no term.</param>
public sealed record Criterion(string Key, string Text, bool Mandatory, string[] Categories, int? ValidityMonths);

/// <summary>The published criteria: the current ones, or those of an older version.</summary>
public sealed class ShowScheme : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/accreditation/schemes/current", Task<Answer> (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(null), ct));
        routes.MapGet("/api/accreditation/schemes/{version:int}", Task<Answer> (int version, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(version), ct));
    }

    public sealed record Query(int? Version) : IQuery;

    public sealed class Handler(Session session, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var scheme = await db.QuerySingleOrDefaultAsync<Scheme>(
                """
                select version, published_at from scheme
                where published_at <= @now and (@Version::integer is null or version = @Version)
                order by version desc limit 1
                """, new { now = clock.GetUtcNow().UtcDateTime, request.Version });
            if (scheme is null)
            {
                return Problem.NotFound("scheme");
            }

            var criteria = await db.QueryAsync<Criterion>(
                "select key, text, mandatory, categories, validity_months from criterion where scheme_version = @Version order by position", new { scheme.Version });
            return Answer.Ok(new { scheme.Version, scheme.PublishedAt, criteria });
        }
    }

    private sealed record Scheme(int Version, DateTime PublishedAt);
}
