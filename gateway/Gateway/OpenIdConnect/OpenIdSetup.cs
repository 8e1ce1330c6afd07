using Marketplace.Portal.Accounts;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>Sign-in by a provider, where one is configured.</summary>
public static class OpenIdSetup
{
    /// <summary>Registers it; nothing is asked of the provider before somebody comes.</summary>
    /// <exception cref="InvalidOperationException">The settings are not usable.</exception>
    public static void AddOpenIdConnect(this IServiceCollection services, IConfiguration configuration)
    {
        if (OpenIdSettings.From(configuration) is not { } settings)
        {
            return;
        }

        services.AddSingleton(settings);
        services.AddSingleton<Provider>();
        services.AddSingleton<CodeFlow>();
        services.AddSingleton<TokensOfProvider>();
        services.AddScoped<Admit>();
        services.AddScoped<FinishSignIn>();
        services.AddHttpClient(Provider.Client, http =>
            {
                http.Timeout = TimeSpan.FromSeconds(10);
                http.MaxResponseContentBufferSize = 1 << 20;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
            .RemoveAllLoggers();
    }
}
