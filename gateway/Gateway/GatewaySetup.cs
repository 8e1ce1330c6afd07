using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Documentation;
using Marketplace.Gateway.LocalRun;
using Marketplace.Gateway.Mail;
using Marketplace.Gateway.Notifications;
using Marketplace.Gateway.OpenIdConnect;
using Marketplace.Gateway.Passwords;
using Marketplace.Gateway.Proxy;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.Sidecar;
using Marketplace.Gateway.Status;
using Marketplace.Gateway.Storage;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Hosting;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Telemetry;
using Marketplace.Platform.Time;
using Marketplace.Portal;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Marketplace.Gateway;

/// <summary>What the gateway is made of.</summary>
public static class GatewaySetup
{
    /// <summary>Its Dapr app-id, and its name in telemetry and documentation.</summary>
    public const string Name = "gateway";

    /// <summary>Registers everything; nothing is opened or computed before it is used.</summary>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning).AddFilter("Yarp", LogLevel.Error);
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 })
        {
            // Without an exporter, no activity and no log scope per request.
            builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
        });

        builder.AddAppChannel();
        var key = new SigningKey(configuration);
        var secrets = new SecretConverter(key.Derive("idempotency"));
        Json.Options.Converters.Add(secrets);
        configuration["Identity:PublicKey"] = PublicKeys(configuration["Identity:PublicKey"], key.PublicKey);

        services.AddSingleton(key);
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<PasswordHashing>();
        services.AddScoped<WrongPasswords>();
        services.AddScoped<KnownPassword>();
        services.AddMemoryCache();
        services.AddSingleton<OpenSessions>();
        services.AddSingleton<EndedSessions>();
        services.AddHostedService(provider => provider.GetRequiredService<EndedSessions>());
        services.AddSingleton<SealedSecrets>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<Post>();
        services.AddSingleton<SendResetLinks>();
        services.AddHostedService(provider => provider.GetRequiredService<SendResetLinks>());
        services.AddHostedService<MailNotifications>();
        services.AddScoped<Tell>();
        services.AddHttpClient<DaprClient>().RemoveAllLoggers();
        services.AddTransient<SidecarHealth>();
        services.AddHostedService<ForgetOldRows>();
        services.AddSingleton(LocalClock.From(configuration));
        services.AddDatabase(configuration, Name);
        services.AddHostedService<Purge>();
        services.AddTokenVerification(configuration);
        services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, o => o.Events = new JwtBearerEvents { OnTokenValidated = OpenSessions.RefuseEndedAsync });
        services.AddPortal(configuration);
        services.AddOpenIdConnect(configuration);
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        services.AddDataProtection().SetApplicationName(Name);
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, DataProtectionKeys>();
        services.AddTelemetry(configuration, Name);
        services.AddRequests(typeof(GatewaySetup).Assembly);
        services.AddForwarding(configuration);
        services.AddRateLimiter(_ => { });
        services.AddHttpClient(ShowStatus.Client).RemoveAllLoggers();
        services.AddHttpClient(Followers.Client, http => http.Timeout = TimeSpan.FromMinutes(5)).RemoveAllLoggers();
        services.AddSingleton<Followers>();
        services.AddApiDocument(Name, (typeof(Accounts.Secret), "password"));
        services.AddScoped<ServiceDocuments>();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o =>
        {
            Json.CopyTo(o.SerializerOptions);
            o.SerializerOptions.Converters.Add(secrets);
        });
    }

    /// <summary>The configured verification keys (more than one while keys are rotated), and always our own.</summary>
    private static string PublicKeys(string? configured, string own) =>
        string.IsNullOrEmpty(configured) ? own : configured.Contains(own, StringComparison.Ordinal) ? configured : $"{configured},{own}";
}
