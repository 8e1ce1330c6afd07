using System.Reflection;
using System.Text.Json.Serialization;
using Dapper;
using FluentValidation;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Telemetry;
using Marketplace.Platform.Time;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform.Hosting;

/// <summary>
/// Wires a service: storage, messages, identity, problems, telemetry, health, and every slice, handler, validator and
/// piece of due work that its assembly holds. A new feature is a new file, with no wiring of its own.
/// </summary>
public static class ServiceHost
{
    /// <summary>A builder with everything a service needs.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="name">The service's Dapr app-id, such as <c>pooled-orders</c>.</param>
    /// <param name="assembly">The service's assembly.</param>
    /// <param name="json">The service's source-generated JSON context.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args, string name, Assembly assembly, JsonSerializerContext? json = null)
    {
        if (json is not null)
        {
            Json.Use(json);
        }

        var builder = WebApplication.CreateSlimBuilder(args);
        var services = builder.Services;
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1 << 20;
        });
        services.AddSingleton(new ServiceName(name, assembly));
        services.AddSingleton(LocalClock.From(builder.Configuration));
        services.AddDatabase(builder.Configuration, name);
        services.AddHttpClient<DaprClient>().RemoveAllLoggers();
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<Purge>();
        services.AddDueWork(assembly);
        services.AddTokenVerification(builder.Configuration);
        services.AddTelemetry(builder.Configuration, name);
        services.AddRequests(assembly);
        services.AddApiDocument(name);
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(o => Json.CopyTo(o.SerializerOptions));
        services.Configure<HostOptions>(o => o.ServicesStartConcurrently = true);
        return builder;
    }

    /// <summary>
    /// Migrates the database, maps the slices and the plumbing's own routes, and runs until stopped; or does only what a
    /// <see cref="Switches">switch</see> asks for.
    /// </summary>
    public static async Task RunServiceAsync(this WebApplication app)
    {
        if (await app.OnlyAsksHealthAsync())
        {
            return;
        }

        var (name, assembly) = app.Services.GetRequiredService<ServiceName>();
        await Migrations.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), [typeof(ServiceHost).Assembly, assembly]);
        await Republish.RunAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), assembly);
        if (Switches.OnlyMigrates)
        {
            return;
        }

        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseBodyLimits();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapLocalClock();
        app.MapOpenApi("/openapi.json");
        app.MapSubscribeHandler(assembly, name);
        app.MapEndpoints(assembly);
        await app.RunAsync();
    }

    /// <summary>
    /// The database of <c>ConnectionStrings:Database</c>, with the session, fact log and idempotency keys of a request.
    /// Also for processes that are no Dapr services, such as the gateway.
    /// </summary>
    public static void AddDatabase(this IServiceCollection services, IConfiguration configuration, string name)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new DateHandler());
        SqlMapper.AddTypeHandler(new ArrayHandler<string>());
        SqlMapper.AddTypeHandler(new ArrayHandler<Guid>());
        services.AddSingleton(_ => DataSource(configuration, name));
        services.AddScoped<Session>();
        services.AddScoped<FactLog>();
        services.AddScoped<IdempotencyStore>();
        services.AddSingleton<OutboxSignal>();
    }

    /// <summary>Mediator, handlers, validators and the pipeline (validation, then transaction and idempotency).</summary>
    public static void AddRequests(this IServiceCollection services, Assembly assembly)
    {
        services.TryAddScoped<ServiceFactory>(provider => type => provider.GetService(type)!);
        services.AddScoped<IMediator, Mediator>();
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(Validation<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(Transaction<,>));
        services.Scan(scan => scan.FromAssemblies(assembly)
            .AddClasses(classes => classes.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(classes => classes.AssignableTo(typeof(IValidator<>)), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime());
    }

    private static void AddDueWork(this IServiceCollection services, Assembly assembly)
    {
        var work = assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IDueWork))).ToList();
        work.ForEach(type => services.AddScoped(type));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DueWorkLoop>(provider, (IReadOnlyList<Type>)work));
        services.AddHostedService(provider => provider.GetRequiredService<DueWorkLoop>());
    }

    /// <summary>Maps every <see cref="IEndpoint"/> of the assembly.</summary>
    public static void MapEndpoints(this IEndpointRouteBuilder routes, Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(t => t is { IsClass: true } && t.IsAssignableTo(typeof(IEndpoint))))
        {
            type.GetMethod(nameof(IEndpoint.Map), BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [routes]);
        }
    }

    private static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Ok()).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (NpgsqlDataSource source, DaprClient dapr, CancellationToken ct) =>
        {
            var database = await DatabaseAnswersAsync(source, ct);
            var sidecar = await dapr.CheckOutboundHealthAsync(ct);
            return Results.Json(new { database, sidecar }, statusCode: database && sidecar ? 200 : 503);
        }).ExcludeFromDescription();
    }

    /// <summary>Only where the local clock is switched on: read the moved clock and do what has become due, then answer.</summary>
    private static void MapLocalClock(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TimeProvider>() is not LocalClock clock)
        {
            return;
        }

        app.MapPost("/local/clock", async (HttpContext context, DueWorkLoop due, CancellationToken ct) =>
        {
            if (!Subscriptions.TokenIsRight(context))
            {
                return Results.Unauthorized();
            }

            clock.Reload();
            await due.RunAllAsync(ct);
            return Results.Ok();
        }).ExcludeFromDescription();
    }

    /// <summary>True when the database can be asked.</summary>
    public static async Task<bool> DatabaseAnswersAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        try
        {
            await using var command = source.CreateCommand("select 1");
            await command.ExecuteScalarAsync(ct);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static NpgsqlDataSource DataSource(IConfiguration configuration, string name)
    {
        var connection = configuration.GetConnectionString("Database") ?? throw new InvalidOperationException("ConnectionStrings:Database is not configured.");
        var settings = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = name, Enlist = false, MaxAutoPrepare = 100 };

        // Short queries on tables that grow from nothing: a plan kept from the empty table would scan them for ever, and
        // compiling one costs more than running it.
        settings.Options = "-c plan_cache_mode=force_custom_plan -c jit=off";
        if (!connection.Contains("Maximum Pool Size", StringComparison.OrdinalIgnoreCase))
        {
            settings.MaxPoolSize = 20;
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }

    private sealed record ServiceName(string Name, Assembly Assembly);
}
