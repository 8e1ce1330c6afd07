using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Npgsql;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>
/// Lets in whom <see cref="Admissions"/> lets in, in the transaction that the caller began: links, gives staff the roles
/// that the provider tells now, and begins the session.
/// </summary>
public sealed class Admit(
    Session session, OpenIdSettings settings, SecondFactor second, SealedSecrets seals, AccessTokens tokens, OpenSessions open, FactLog facts, IConfiguration configuration, TimeProvider clock)
{
    /// <summary>The account that the identity is linked to, locked, the account of its e-mail, and what follows.</summary>
    public async Task<(Admission Admission, Credentials? Linked, Credentials? OfEmail)> DecideAsync(ExternalIdentity who)
    {
        var db = await session.OpenAsync();
        var linked = await Credentials.LockAsync(db, await db.ExecuteScalarAsync<Guid?>(
            "select account_id from external_identity where issuer = @Issuer and subject = @Subject", new { who.Issuer, who.Subject }));
        var ofEmail = linked is null && who.Email is not null ? await Credentials.OfEmailAsync(db, who.Email) : null;
        var (mapsRoles, mustHaveTwo) = (settings.Roles.Count > 0, configuration["Accounts:StaffTwoFactor"] == "required");
        return (Admissions.Of(who, linked is null ? null : await KnownAsync(db, linked), ofEmail is null ? null : await KnownAsync(db, ofEmail), mapsRoles, mustHaveTwo), linked, ofEmail);
    }

    /// <summary>What follows for an account that the identity is about to be linked to.</summary>
    public async Task<Admission> IntoAsync(Credentials account, ExternalIdentity who) =>
        Admissions.Into(await KnownAsync(await session.OpenAsync(), account), who, settings.Roles.Count > 0);

    /// <summary>A staff account for who has roles at the provider; null when its e-mail was taken in between.</summary>
    public async Task<Credentials?> HireAsync(ExternalIdentity who)
    {
        var (db, at) = (await session.OpenAsync(), clock.GetUtcNow().UtcDateTime);
        var account = new Account(Guid.CreateVersion7(), who.Email!, who.Name ?? who.Email!, null, who.Roles!, null);
        if (!await NewAccount.InsertAsync(db, account, at))
        {
            return null;
        }

        await facts.AppendAsync([new NewFact(account.Id, 1, new StaffAccountCreated(account.Roles), at, account.Id)], CancellationToken.None);
        return await Credentials.LockAsync(db, account.Id);
    }

    /// <summary>Staff that has no role at the provider any more has none here, and no open session.</summary>
    public Task RemoveRolesAsync(Credentials account) => ChangeRolesAsync(account, []);

    /// <summary>For the audit trail: the provider knows them, and still they were refused.</summary>
    public Task NoteRefusalAsync(Credentials account, Client client, Admission why) => facts.AppendAsync(
        [Fact(account, account.Version, new SignInFailed(client.Address, why == Admission.AccountDisabled ? "disabled" : "openid"))], CancellationToken.None);

    /// <summary>Links the identity where it is not, and begins a session.</summary>
    /// <param name="account">Locked by this transaction.</param>
    /// <param name="told">What the provider told.</param>
    /// <param name="client">Where the session begins.</param>
    /// <param name="factor">For the audit trail, a factor that was given here on top.</param>
    /// <returns>Null when the identity was linked to another account in between.</returns>
    public async Task<AccessToken?> BeginAsync(Credentials account, Told told, Client client, string? factor = null)
    {
        var (db, who, now) = (await session.OpenAsync(), told.Identity, TimeProvider.System.GetUtcNow().UtcDateTime);
        if (!await LinkAsync(db, account, who))
        {
            return null;
        }

        if (account.IsStaff && settings.Roles.Count > 0 && !who.Roles!.Order().SequenceEqual(account.Roles.Order()))
        {
            await ChangeRolesAsync(account, who.Roles!);
            account = (await Credentials.LockAsync(db, account.Id))!;
        }

        var mustEnrol = second.IsRequired(account) && account.TotpSecret is null && !who.IsMultiFactor;
        var id = await NewSession.BeginAsync(db, account.Id, client, now, now + AccessTokens.Lifetime);
        await db.ExecuteAsync("update session set id_token = @seal where id = @id", new { id, seal = seals.Seal(System.Text.Encoding.ASCII.GetBytes(told.IdToken), id) });
        await facts.AppendAsync([Fact(account, account.Version, new SignedIn(id, client.Address, client.UserAgent, factor is null ? "openid" : $"openid-{factor}"))], CancellationToken.None);
        var organisation = await db.QuerySingleOrDefaultAsync<Organisation>(
            "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
        return tokens.Issue(account.ToAccount(withRoles: !mustEnrol), organisation, id, now, mustEnrol, byProvider: true);
    }

    /// <summary>The refusal as a problem.</summary>
    public static Problem Refusal(Admission admission) => admission switch
    {
        Admission.AccountDisabled => new Problem(403, "account-disabled", "This account was disabled.", "The town's administrator can enable it again."),
        Admission.NoRole => new Problem(403, "openid-no-role", "The provider gives you no role here.", "The town's administrator can give one there."),
        Admission.EmailNotVerified => new Problem(403, "openid-email-not-verified", "The provider has not verified your e-mail address.", "Verify it there, or create an account here."),
        Admission.IdentityChanged => new Problem(409, "openid-identity-changed", "Your account belongs to another identity of the provider.", "Choose a password by the link for forgotten passwords, then sign in by the provider again."),
        Admission.OtherOrganisation => new Problem(403, "openid-other-organisation", "The provider tells another organisation than that of your account.", "Choose the right organisation there."),
        Admission.SecondFactorMissing => new Problem(403, "openid-second-factor", "The town asks its staff for a second factor.", "Sign in at the provider with two factors."),
        _ => new Problem(403, "openid-no-access", "The provider gives you no role here, and no SIRET to register with.", "Create an account here, or ask the town's administrator."),
    };

    private async Task<bool> LinkAsync(NpgsqlConnection db, Credentials account, ExternalIdentity who)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var isNew = await db.ExecuteScalarAsync<bool?>(
            """
            insert into external_identity as e (id, account_id, issuer, subject, linked_at, last_sign_in_at) values (@id, @account, @Issuer, @Subject, @now, @now)
            on conflict on constraint external_identity_subject do update set last_sign_in_at = @now where e.account_id = @account
            returning id = @id
            """,
            new { id = Guid.CreateVersion7(), account = account.Id, who.Issuer, who.Subject, now });
        if (isNew == true)
        {
            await facts.AppendAsync([Fact(account, account.Version, new IdentityLinked(who.Issuer))], CancellationToken.None);
        }

        return isNew is not null;
    }

    private async Task ChangeRolesAsync(Credentials account, string[] roles)
    {
        if (roles.Length == 0 && account.Roles.Length == 0)
        {
            return;
        }

        var (db, version) = (await session.OpenAsync(), account.Version + 1);
        await db.ExecuteAsync("update account set roles = @roles, version = @version where id = @Id", new { roles, version, account.Id });
        var ended = await NewSession.EndAllAsync(db, account.Id);
        await facts.AppendAsync([new NewFact(account.Id, version, new RolesChanged(account.Roles, roles), clock.GetUtcNow().UtcDateTime)], CancellationToken.None);
        open.Forget(ended);
    }

    private async Task<KnownAccount> KnownAsync(NpgsqlConnection db, Credentials account) => new(
        account.IsStaff, account.PasswordHash is not null, account.DisabledAt is not null, account.TotpSecret is not null, second.IsRequired(account),
        account.OrganisationId is null ? null : await db.ExecuteScalarAsync<string>("select left(siret, 9) from organisation where id = @OrganisationId", new { account.OrganisationId }));

    private NewFact Fact(Credentials account, int version, object fact) => new(account.Id, version, fact, clock.GetUtcNow().UtcDateTime, account.Id, string.Join(',', account.Roles));
}
