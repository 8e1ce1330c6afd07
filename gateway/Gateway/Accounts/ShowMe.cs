using Dapper;
using Marketplace.Gateway.TwoFactor;
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

    /// <param name="HasPassword">False for who signs in by the provider only.</param>
    /// <param name="LinkedAt">Since when the account is linked to the provider; null when it is not.</param>
    public sealed record Me(Guid UserId, string Email, string DisplayName, string[] Roles, Organisation? Organisation, TwoFactorState TwoFactor, bool HasPassword, DateTime? LinkedAt);

    /// <summary>How the user signs in.</summary>
    /// <param name="IsActive">With a second factor.</param>
    /// <param name="IsRequired">The town asks its staff for one.</param>
    /// <param name="RecoveryCodesLeft">Not yet used.</param>
    public sealed record TwoFactorState(bool IsActive, bool IsRequired, int RecoveryCodesLeft);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/auth/me", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
        .RequireRole()
        .WithTags("Accounts")
        .WithSummary("The signed-in user and its organisation.")
        .Produces<Me>();

    public sealed class Handler(Session session, SecondFactor second, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            if (await Credentials.OfIdAsync(db, caller.UserId) is not { } account)
            {
                return new Problem(401, "not-signed-in", "You are not signed in.", "The account of this access token does not exist.");
            }

            var organisation = await db.QuerySingleOrDefaultAsync<Organisation>(
                "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
            var left = await db.ExecuteScalarAsync<int>("select count(*) from recovery_code where account_id = @Id and used_at is null", new { account.Id });
            var linkedAt = await db.ExecuteScalarAsync<DateTime?>("select min(linked_at) from external_identity where account_id = @Id", new { account.Id });
            return Answer.Ok(new Me(
                account.Id, account.Email, account.DisplayName, account.Roles, organisation, new TwoFactorState(account.TotpSecret is not null, second.IsRequired(account), left),
                account.PasswordHash is not null, linkedAt));
        }
    }
}
