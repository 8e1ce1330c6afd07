using Marketplace.Gateway;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.OpenIdConnect;
using Marketplace.Gateway.Proxy;
using Marketplace.Gateway.Sidecar;
using Marketplace.Platform.Hosting;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Portal;
using Marketplace.Portal.Files;
using Npgsql;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddGateway();
var app = builder.Build();
if (await app.OnlyAsksHealthAsync())
{
    return;
}

await Migrations.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), [typeof(ServiceHost).Assembly, typeof(Program).Assembly]);
if (Switches.OnlyMigrates)
{
    return;
}

await FirstAdministrator.CreateAsync(app.Services, app.Configuration);

app.UseAppChannel(GatewaySetup.Name);
app.UseTrustedProxies();
app.UseSecurityHeaders();
app.UseMiddleware<ProblemMiddleware>();
app.UsePortal();
app.UseBodyLimits(request => Forwarding.OwnLimit(request) ?? PortalFiles.OwnLimit(request));
app.UseRateLimits();
TokensOfProvider.Use(app);
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();
app.MapForwarding();
app.MapOpenApi("/api/openapi/gateway.json");
app.MapEndpoints(typeof(Program).Assembly);
app.MapPortal();
await app.RunAsync();
