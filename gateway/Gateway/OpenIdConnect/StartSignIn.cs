using System.Text.Json;
using Marketplace.Platform.Requests;
using Marketplace.Portal.Accounts;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>The browser leaves for the provider; what ties its answer to this browser stays in it, sealed, for twenty minutes.</summary>
public sealed class StartSignIn : IEndpoint
{
    /// <summary>Where the provider sends the browser; registered there.</summary>
    public const string Return = "/connexion/openid/retour";

    /// <summary>The cookie's name.</summary>
    public const string Cookie = "openid";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<OpenIdSettings>() is null)
        {
            return;
        }

        routes.MapGet("/connexion/openid", async (string? retour, HttpContext context, CodeFlow flow, StepCookie steps, IConfiguration configuration, ILogger<StartSignIn> log, CancellationToken ct) =>
        {
            var departure = flow.Begin(PublicAddress(context, configuration) + Return, LocalAddress.Of(retour));
            context.Response.Headers.CacheControl = "no-store";
            try
            {
                var address = await flow.AddressAsync(departure, ct);
                steps.Set(context, Cookie, JsonSerializer.Serialize(departure), Patience);
                return Results.Redirect(address);
            }
            catch (ProviderException e)
            {
                FinishSignIn.Failed(log, e);
                return Results.Redirect("/connexion?refus=openid-unavailable");
            }
        }).ExcludeFromDescription();
    }

    /// <summary>How browsers reach us, without a slash at its end: as configured, else as this one did.</summary>
    public static string PublicAddress(HttpContext context, IConfiguration configuration) =>
        configuration["PublicAddress"] is { Length: > 0 } given ? given.TrimEnd('/') : $"{context.Request.Scheme}://{context.Request.Host}";
}
