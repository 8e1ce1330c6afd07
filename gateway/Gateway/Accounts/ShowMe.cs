using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>Who is signed in, from the account itself.</summary>
public sealed class ShowMe : IEndpoint
{
    public sealed record Query : IQuery;

    public sealed record Me(Guid UserId, string Email, string DisplayName, string[] Roles, Organisation? Organisation);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/auth/me", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
        .RequireRole()
        .WithTags("Accounts")
        .WithSummary("The signed-in user and its organisation.")
        .Produces<Me>();

    public sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var account = await db.QuerySingleOrDefaultAsync<Account>(
                "select id, email, display_name, password_hash, roles, organisation_id from account where id = @UserId", new { caller.UserId });
            if (account is null)
            {
                return new Problem(401, "not-signed-in", "You are not signed in.", "The account of this access token does not exist.");
            }

            var organisation = await db.QuerySingleOrDefaultAsync<Organisation>(
                "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
            return Answer.Ok(new Me(account.Id, account.Email, account.DisplayName, account.Roles, organisation));
        }
    }
}
