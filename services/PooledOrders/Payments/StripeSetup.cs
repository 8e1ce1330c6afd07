using System.Net.Http.Headers;

namespace Marketplace.PooledOrders.Payments;

/// <summary>Wiring of <see cref="StripeClient"/>.</summary>
public static class StripeSetup
{
    /// <summary>
    /// Registers <see cref="StripeClient"/> and <see cref="StripeOptions"/> from the section <c>Stripe</c>.
    /// </summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Live mode, address and key do not go together.</exception>
    public static IServiceCollection AddStripe(this IServiceCollection services, IConfiguration configuration)
    {
        var options = new StripeOptions();
        configuration.GetSection("Stripe").Bind(options);
        options.Check();

        services.AddSingleton(options);
        services.AddHttpClient<StripeTransport>(http =>
            {
                http.BaseAddress = options.BaseAddress;
                // Confirming a payment can be slow; this is the time-out of Stripe's own SDKs.
                http.Timeout = TimeSpan.FromSeconds(80);
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.SecretKey);
                http.DefaultRequestHeaders.Add("Stripe-Version", StripeOptions.ApiVersion);
                http.DefaultRequestHeaders.UserAgent.ParseAdd("Marketplace/1.0");
            })
            .UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5))
            // The default loggers write headers, hence the key, at their most detailed level.
            .RemoveAllLoggers();
        services.AddTransient<StripeClient>();
        return services;
    }
}
