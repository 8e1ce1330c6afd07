using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Marketplace.Platform.Messages;

/// <summary>
/// Dapr's side of a service: <c>GET /dapr/subscribe</c> and one route per topic that the assembly handles
/// (<see cref="Received{TFact}"/>, <see cref="ReceivedMany{TFact}"/>). A route answers 2xx only once the effect is
/// durable, and never 404, which Dapr would take as "drop".
/// </summary>
public static partial class Subscriptions
{
    /// <summary>The sidecar puts up to 250 events into one request; the limit of the service's clients is not meant for it.</summary>
    private const long MostBytes = 64 << 20;

    /// <summary>Maps the subscriptions of every handler in the assembly.</summary>
    public static void MapSubscribeHandler(this IEndpointRouteBuilder routes, Assembly assembly, string appId)
    {
        var topics = new List<object>();
        foreach (var received in HandledRequests(assembly).OrderBy(t => t.GenericTypeArguments[0].Name, StringComparer.Ordinal))
        {
            var fact = received.GenericTypeArguments[0];
            var many = received.GetGenericTypeDefinition() == typeof(ReceivedMany<>);
            topics.Add(WithTopic(routes, fact, many, appId));
        }

        var answer = JsonSerializer.SerializeToUtf8Bytes(topics);
        routes.MapGet("/dapr/subscribe", (HttpContext context) => TokenIsRight(context) ? Results.Bytes(answer, "application/json") : Results.Unauthorized())
            .ExcludeFromDescription();
    }

    private static object WithTopic(IEndpointRouteBuilder routes, Type fact, bool many, string appId)
    {
        var topic = FactName.Of(fact);
        var route = $"/events/{topic}";
        var handle = typeof(Subscriptions)
            .GetMethod(many ? nameof(HandleManyAsync) : nameof(HandleAsync), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(fact)
            .CreateDelegate<RequestDelegate>();
        routes.MapPost(route, async context =>
        {
            if (!TokenIsRight(context))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            await handle(context);
        }).WithMetadata(new RequestSizeLimitAttribute(MostBytes)).ExcludeFromDescription();
        var subscription = new Dictionary<string, object>
        {
            ["pubsubname"] = DaprClient.PubSub,
            ["topic"] = topic,
            ["route"] = route,
            ["deadLetterTopic"] = $"{appId}.dead-letter",
        };
        if (many)
        {
            subscription["bulkSubscribe"] = new { enabled = true, maxMessagesCount = 250, maxAwaitDurationMs = 10 };
        }

        return subscription;
    }

    private static async Task HandleAsync<TFact>(HttpContext context)
    {
        using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        await ReceiveAsync<TFact>(context.RequestServices, [envelope.RootElement], (mediator, facts) => mediator.Send(new Received<TFact>(facts[0]), CancellationToken.None));
    }

    private static async Task HandleManyAsync<TFact>(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var entries = body.RootElement.GetProperty("entries").EnumerateArray()
            .Select(e => (Id: e.GetProperty("entryId").GetString()!, Event: e.GetProperty("event")))
            .ToList();
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Subscriptions).FullName!);
        var statuses = new List<object>(entries.Count);
        try
        {
            await InTheirTracesAsync([.. entries.Select(e => e.Event)]);
            statuses.AddRange(entries.Select(e => new { entryId = e.Id, status = "SUCCESS" }));
        }
        catch (Exception e)
        {
            TogetherFailed(log, e, entries.Count, FactName.Of(typeof(TFact)));
            foreach (var entry in entries)
            {
                statuses.Add(new { entryId = entry.Id, status = await AloneAsync(entry.Event) });
            }
        }

        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, new { statuses });

        async Task<string> AloneAsync(JsonElement cloudEvent)
        {
            try
            {
                await InTheirTracesAsync([cloudEvent]);
                return "SUCCESS";
            }
            catch (Exception e)
            {
                AloneFailed(log, e, FactName.Of(typeof(TFact)));
                return "RETRY";
            }
        }

        async Task InTheirTracesAsync(IReadOnlyList<JsonElement> cloudEvents)
        {
            using var traces = new ContinuedTraces(FactName.Of(typeof(TFact)), cloudEvents);
            await ReceiveAsync<TFact>(context.RequestServices, cloudEvents, SendMany);
        }

        static Task SendMany(IMediator mediator, IReadOnlyList<TFact> facts) => mediator.Send(new ReceivedMany<TFact>(facts), CancellationToken.None);
    }

    /// <summary>Inbox mark, effect and outgoing facts in one transaction. The effect is not torn when the sidecar hangs up.</summary>
    private static async Task ReceiveAsync<TFact>(IServiceProvider services, IReadOnlyList<JsonElement> cloudEvents, Func<IMediator, IReadOnlyList<TFact>, Task> send)
    {
        await using var scope = services.CreateAsyncScope();
        var session = scope.ServiceProvider.GetRequiredService<Session>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        await session.BeginAsync(CancellationToken.None);
        var db = await session.OpenAsync();
        var isNew = (await db.QueryAsync<string>(
            "insert into inbox (event_id, received_at) select distinct unnest(@ids), @now order by 1 on conflict do nothing returning event_id",
            new { ids = cloudEvents.Select(Id).ToArray(), now })).ToHashSet();
        var facts = cloudEvents.Where(e => isNew.Remove(Id(e))).Select(e => e.GetProperty("data").Deserialize<TFact>(Json.Options)!).ToList();
        if (facts.Count > 0)
        {
            await send(scope.ServiceProvider.GetRequiredService<IMediator>(), facts);
        }

        await session.CommitAsync(CancellationToken.None);
        scope.ServiceProvider.GetRequiredService<OutboxSignal>().Wake();

        static string Id(JsonElement cloudEvent) => cloudEvent.GetProperty("id").GetString()!;
    }

    private static IEnumerable<Type> HandledRequests(Assembly assembly) => assembly.GetTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false })
        .SelectMany(t => t.GetInterfaces())
        .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>))
        .Select(i => i.GenericTypeArguments[0])
        .Where(r => r.IsGenericType && (r.GetGenericTypeDefinition() == typeof(Received<>) || r.GetGenericTypeDefinition() == typeof(ReceivedMany<>)))
        .Distinct();

    /// <summary>Compares the sidecar's <c>dapr-api-token</c> with <c>APP_API_TOKEN</c> in constant time; true when none is configured.</summary>
    public static bool TokenIsRight(HttpContext context)
    {
        var expected = context.RequestServices.GetRequiredService<IConfiguration>()["APP_API_TOKEN"];
        return string.IsNullOrEmpty(expected)
            || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers["dapr-api-token"].ToString()), Encoding.UTF8.GetBytes(expected));
    }

    [LoggerMessage(LogLevel.Warning, "{Count} facts {Topic} could not be handled together; each is tried alone")]
    private static partial void TogetherFailed(ILogger log, Exception e, int count, string topic);

    [LoggerMessage(LogLevel.Error, "A fact {Topic} could not be handled; the sidecar will deliver it again")]
    private static partial void AloneFailed(ILogger log, Exception e, string topic);
}
