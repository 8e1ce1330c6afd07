using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.PaymentSimulator.Time;
using Npgsql;

namespace Marketplace.PaymentSimulator.Admin;

/// <summary>What Stripe does not have: switches, the clock, and the bank's page.</summary>
public static class AdminRoutes
{
    /// <summary>Maps them.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        var database = app.Services.GetRequiredService<NpgsqlDataSource>();
        var clock = app.Services.GetRequiredService<LocalClock>();
        var switches = app.Services.GetRequiredService<Switches>();
        var wake = app.Services.GetRequiredService<Wake>();

        app.MapGet("/health", context => context.Response.WriteAsync("ok"));
        app.MapGet("/simulator/switches", context => context.Response.WriteAsJsonAsync(switches.Settings, AdminJson.Default.SwitchSettings));
        app.MapPost("/simulator/switches", async context =>
        {
            try
            {
                switches.Settings = await context.Request.ReadFromJsonAsync(AdminJson.Default.SwitchSettings) ?? new();
                wake.Up();
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await context.Response.WriteAsync("Send the switches as JSON.");
            }
        });
        app.MapPost("/local/clock", context =>
        {
            clock.Reload();
            wake.Up();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        app.MapGet("/simulator/authenticate/{id}/{challenge}", context => ThreeDSecure.Show(context, database, clock));
        app.MapPost("/simulator/authenticate/{id}/{challenge}", context => ThreeDSecure.Take(context, database, clock, wake));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SwitchSettings))]
internal sealed partial class AdminJson : JsonSerializerContext;
