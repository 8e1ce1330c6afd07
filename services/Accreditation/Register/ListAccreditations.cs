using Dapper;
using Marketplace.Accreditation.Schemes;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Register;

/// <summary>The public register, by the providers' names: the town admits, it does not rank (DOMAIN §4).</summary>
public sealed class ListAccreditations : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
            "/api/accreditation/accreditations",
            Task<Answer> (string? category, string? territory, string? status, Guid? providerId, PageQuery page, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new Query(category, territory, status, providerId, page), ct));

    public sealed record Query(string? Category, string? Territory, string? Status, Guid? ProviderId, PageQuery Page) : IQuery;

    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var (category, territory, status, providerId, page) = request;
            if (Errors(request) is { Count: > 0 } errors)
            {
                return Problem.Invalid(errors);
            }

            var afterId = page.AfterId;
            if (page.After.Count is not (0 or 2))
            {
                throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<AccreditationView>(
                $"""
                 select {AccreditationView.Columns} from accreditation
                 where (@category::text is null or @category = any (categories))
                   and (@territory::text is null or @territory = any (territories))
                   and (@status::text is null or status = @status)
                   and (@providerId::uuid is null or provider_id = @providerId)
                   and (@afterId::uuid is null or (provider_name, id) > (@afterName::text, @afterId))
                 order by provider_name, id limit @take
                 """,
                new { category, territory, status, providerId, afterId, afterName = page.After.FirstOrDefault(), take = page.Limit + 1 });
            return Answer.Ok(page.Of(rows.AsList(), a => [a.ProviderName, $"{a.Id}"]));
        }

        private static Dictionary<string, string[]> Errors(Query query)
        {
            var errors = new Dictionary<string, string[]>();
            if (query.Category is not null && !Categories.All.Contains(query.Category))
            {
                errors["category"] = [$"A category is one of {string.Join(", ", Categories.All)}."];
            }

            if (query.Territory is not null && !Territories.All.Contains(query.Territory))
            {
                errors["territory"] = ["A territory is the code of a French département, such as 59, 2A or 974."];
            }

            if (query.Status is not null && !Standing.All.Contains(query.Status))
            {
                errors["status"] = [$"The status is one of {string.Join(", ", Standing.All)}."];
            }

            return errors;
        }
    }
}
