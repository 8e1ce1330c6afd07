using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Requests;
using Marketplace.Portal.Accounts;
using Session = Marketplace.Platform.Storage.Session;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>
/// Who signed out here is signed out at the provider as well (OpenID Connect RP-Initiated Logout 1.0). The session has
/// ended before; the browser only says which it was.
/// </summary>
public sealed class EndAtProvider : IEndpoint
{
    /// <summary>Where the provider sends the browser after that; registered there.</summary>
    public const string Return = "/deconnexion";

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is not null)
        {
            routes.MapGet(SignOutAtProvider.Path, async (HttpContext context, Session session, Provider provider, SealedSecrets seals, StepCookie steps, IConfiguration configuration, ILogger<EndAtProvider> log, CancellationToken ct) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                if (!Guid.TryParse(steps.Take(context, SignOutAtProvider.Cookie), out var id))
                {
                    return Results.Redirect(Return);
                }

                try
                {
                    var endpoint = (await provider.ConfigurationAsync(ct)).EndSessionEndpoint;
                    return Results.Redirect(string.IsNullOrEmpty(endpoint) ? Return : CodeFlow.With(endpoint, new()
                    {
                        ["id_token_hint"] = await TakeIdTokenAsync(session, seals, id, ct),
                        ["client_id"] = provider.Settings.ClientId,
                        ["post_logout_redirect_uri"] = StartSignIn.PublicAddress(context, configuration) + Return,

                        // ProConnect asks for one of 32 characters. Coming back changes nothing here, so there is nothing to compare it with.
                        ["state"] = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)),
                    }));
                }
                catch (ProviderException e)
                {
                    FinishSignIn.Failed(log, e);
                    return Results.Redirect(Return);
                }
            }).ExcludeFromDescription();
        }
    }

    /// <summary>The id_token of a session that has ended, once.</summary>
    private static async Task<string?> TakeIdTokenAsync(Session session, SealedSecrets seals, Guid id, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var seal = await db.ExecuteScalarAsync<byte[]?>(
            """
            with ended as (select id, id_token from session where id = @id and ended_at is not null for update),
                 forgotten as (update session s set id_token = null from ended e where s.id = e.id)
            select id_token from ended
            """,
            new { id });
        return seal is not null && seals.Open(seal, id) is { } token ? Encoding.ASCII.GetString(token) : null;
    }
}
