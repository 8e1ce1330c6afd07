using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Requests;
using Marketplace.Portal.Accounts;
using Session = Marketplace.Platform.Storage.Session;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>
/// The browser is back from the provider. It is led to the page that was wanted; to the page for first times, where it has
/// still something to say; or to the sign-in page, which says what went wrong.
/// </summary>
public sealed partial class FinishSignIn(Session session, Admit admit, CodeFlow flow, OpenIdSettings settings, SealedSecrets seals, StepCookie steps, ILogger<FinishSignIn> log) : IEndpoint
{
    /// <summary>The cookie that holds the ticket of a <see cref="PendingSignIn"/>.</summary>
    public const string Ticket = FirstTime.Cookie;

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is not null)
        {
            routes.MapGet(StartSignIn.Return, async (HttpContext context, FinishSignIn finish, CancellationToken ct) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return Results.Redirect(await finish.GoOnAsync(context, ct));
            }).ExcludeFromDescription();
        }
    }

    private async Task<string> GoOnAsync(HttpContext context, CancellationToken ct)
    {
        var query = context.Request.Query;
        if (steps.Take(context, StartSignIn.Cookie) is not { } sealedDeparture || JsonSerializer.Deserialize<Departure>(sealedDeparture) is not { } departure
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(query["state"].ToString()), Encoding.UTF8.GetBytes(departure.State)))
        {
            return Refused("openid-expired");
        }

        if (query["error"] is [{ Length: > 0 } error])
        {
            return Refused(error == "access_denied" ? "openid-cancelled" : "openid-refused");
        }

        var db = await session.OpenAsync(ct);
        if (query["code"] is not [{ Length: > 0 } code] || (query["iss"] is [{ } issuer] && issuer != settings.Issuer)
            || await PendingSignIn.ReturnedAsync(db, departure.State, TimeProvider.System.GetUtcNow().UtcDateTime) is not { } id)
        {
            return Refused("openid-expired");
        }

        try
        {
            return await flow.FinishAsync(departure, code, ct) is { } told ? await LetInAsync(context, new PendingSignIn(id, told), departure.Return, ct) : Refused("openid-refused");
        }
        catch (ProviderException e)
        {
            Failed(log, e);
            return Refused("openid-unavailable");
        }
    }

    private async Task<string> LetInAsync(HttpContext context, PendingSignIn pending, string? back, CancellationToken ct)
    {
        await session.BeginAsync(ct);
        var (db, told, client) = (await session.OpenAsync(ct), pending.Told, Client.Of(context));
        var (admission, linked, ofEmail) = await admit.DecideAsync(told.Identity);
        if (admission is Admission.Code or Admission.Password or Admission.Register)
        {
            var ticket = await PendingSignIn.KeepAsync(db, seals, pending);
            await session.CommitAsync(ct);
            steps.Set(context, Ticket, ticket, PendingSignIn.Lifetime);
            return CodeFlow.With("/connexion/premiere-fois", new() { ["retour"] = back });
        }

        var account = admission switch
        {
            Admission.SignIn => linked,
            Admission.HireStaff => await admit.HireAsync(told.Identity),
            Admission.Link => await Credentials.LockAsync(db, ofEmail!.Id),
            _ => null,
        };
        if (account is null)
        {
            if (admission == Admission.NoRole)
            {
                await admit.RemoveRolesAsync(linked!);
            }

            if (linked is not null)
            {
                await admit.NoteRefusalAsync((await Credentials.OfIdAsync(db, linked.Id))!, client, admission);
            }

            await session.CommitAsync(ct);
            return Refused(Admit.Refusal(admission).Slug);
        }

        if (await admit.BeginAsync(account, told, client) is not { } token)
        {
            return Refused("openid-expired");
        }

        await session.CommitAsync(ct);
        await Portal.Accounts.Session.BeginAsync(context, token.Token, token.ExpiresIn, account.DisplayName);
        return Portal.Accounts.Session.MustEnrol(token.Token) ? "/mon-compte/double-authentification" : back ?? "/mon-espace";
    }

    private static string Refused(string slug) => $"/connexion?refus={slug}";

    /// <summary>The reason goes to the log; it holds no token.</summary>
    [LoggerMessage(LogLevel.Warning, "The OpenID Connect provider failed")]
    public static partial void Failed(ILogger log, Exception e);
}
