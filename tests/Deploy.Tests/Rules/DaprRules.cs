using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Platform.Messages;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>What the messages need so that none is lost.</summary>
internal static partial class DaprRules
{
    private static readonly string[] Brokers = ["kafka", "rabbitmq", "redis"];

    /// <summary>Values of RabbitMQ whose defaults lose messages (wire contract §10).</summary>
    private static readonly Dictionary<string, string> Durable = new()
    {
        ["durable"] = "true",
        ["deletedWhenUnused"] = "false",
        ["deliveryMode"] = "2",
        ["publisherConfirm"] = "true",
        ["requeueInFailure"] = "true",
        ["autoAck"] = "false",
        ["exchangeKind"] = "fanout",
    };

    public static IEnumerable<Rule> All { get; } =
    [
        new("messages: every topic has a subscriber", Subscribers),
        new("messages: every subscription has a dead letter", DeadLetters),
        new("messages: every delivery has finite retries, and a time limit", Retries),
        new("messages: every broker serves every app and nobody else", Scopes),
        new("messages: passwords of brokers are secrets", BrokerSecrets),
        new("messages: RabbitMQ keeps what it has accepted", RabbitMq),
        new("messages: exchanges, queues and bindings are there before the first message", Topology),
        new("messages: Redis waits longer than the retries take", Redis),
        new("messages: the local sidecar reads what every deployment reads", Shared),
    ];

    private static IEnumerable<(string App, JsonNode Subscription)> Subscriptions(Deployment d) =>
        d.Subscriptions.SelectMany(app => app.Value.Select(subscription => (app.Key, subscription!)));

    private static JsonNode? Bus(Deployment d, string folder) =>
        d.Dapr[folder].SingleOrDefault(o => o.Text("kind") == "Component" && o.Text("metadata/name") == DaprClient.PubSub);

    private static JsonNode? Resiliency(Deployment d) => d.Dapr["shared"].SingleOrDefault(o => o.Text("kind") == "Resiliency");

    private static string? Value(JsonNode? component, string name) => component.Items("spec/metadata").FirstOrDefault(m => m.Text("name") == name).Text("value");

    private static IEnumerable<string> Subscribers(Deployment d)
    {
        var heard = Subscriptions(d).Select(s => s.Subscription.Text("topic")!).ToHashSet();
        return Code.Topics.Where(topic => !heard.Contains(topic)).Select(topic => $"Nobody hears {topic}.")
            .Concat(heard.Where(topic => !Code.Topics.Contains(topic)).Select(topic => $"Nobody says {topic}."));
    }

    private static IEnumerable<string> DeadLetters(Deployment d) =>
        from s in Subscriptions(d)
        where s.Subscription.Text("pubsubname") != DaprClient.PubSub || s.Subscription.Text("deadLetterTopic") != $"{s.App}.dead-letter"
        select $"{s.App} has no dead letter for {s.Subscription.Text("topic")}.";

    private static IEnumerable<string> Retries(Deployment d)
    {
        var resiliency = Resiliency(d);
        if (resiliency.At("scopes") is not null)
        {
            yield return "The policies are not for everyone.";
        }

        foreach (var direction in (string[])["inbound", "outbound"])
        {
            var target = resiliency.At($"spec/targets/components/{DaprClient.PubSub}/{direction}");
            var retry = resiliency.At($"spec/policies/retries/{target.Text("retry")}");
            if (!int.TryParse(retry.Text("maxRetries"), out var times) || times is < 1 or > 20)
            {
                yield return $"{direction}: the retries are not finite.";
            }

            if (resiliency.Text($"spec/policies/timeouts/{target.Text("timeout")}") is null)
            {
                yield return $"{direction}: an attempt may take for ever.";
            }
        }
    }

    private static IEnumerable<string> Scopes(Deployment d) =>
        from broker in Brokers
        where !Bus(d, broker).Texts("scopes").Order(StringComparer.Ordinal).SequenceEqual(Code.Apps.Select(app => app.AppId))
        select $"{broker} has the scopes {string.Join(", ", Bus(d, broker).Texts("scopes"))}.";

    private static IEnumerable<string> BrokerSecrets(Deployment d)
    {
        foreach (var broker in Brokers)
        {
            var bus = Bus(d, broker);
            var references = bus.Items("spec/metadata").Where(m => m.At("secretKeyRef") is not null).ToList();
            if (references.Count == 0 || bus.Items("spec/metadata").Any(m => SecretKey().IsMatch(m.Text("name")!) && m.At("value") is not null))
            {
                yield return $"{broker} is not told its password by a secret.";
            }

            if (!d.Dapr["compose"].Any(store => store.Text("metadata/name") == bus.Text("auth/secretStore") && store.Text("spec/type") == "secretstores.local.env"))
            {
                yield return $"{broker} takes its secrets from a store that compose does not have.";
            }

            // The environment's store knows a secret by one name only.
            foreach (var reference in references.Where(r => r.Text("secretKeyRef/name") != broker || r.Text("secretKeyRef/key") != broker))
            {
                yield return $"{broker} asks for the secret {reference.Text("secretKeyRef/name")}.";
            }
        }

        foreach (var app in Code.Apps.Where(app => d.Service(app.AppId + "-dapr").Text("environment/rabbitmq") is null))
        {
            yield return $"The sidecar of {app.AppId} does not have the secret rabbitmq.";
        }
    }

    private static IEnumerable<string> RabbitMq(Deployment d) =>
        from setting in Durable
        where Value(Bus(d, "rabbitmq"), setting.Key) != setting.Value
        select $"{setting.Key} is not {setting.Value}.";

    private static IEnumerable<string> Topology(Deployment d)
    {
        var subscriptions = Subscriptions(d).Select(s => (s.App, Topic: s.Subscription.Text("topic")!)).ToList();
        var dead = d.Subscriptions.Where(app => app.Value.Count > 0).Select(app => $"{app.Key}.dead-letter").ToList();
        var bindings = subscriptions.Select(s => (Source: s.Topic, Queue: $"{s.App}-{s.Topic}")).Concat(dead.Select(name => (Source: name, Queue: name))).ToHashSet();
        return Compare("exchange", bindings.Select(b => b.Source), d.Topology.Items("exchanges").Where(IsDurableFanout).Select(e => e.Text("name")!))
            .Concat(Compare("queue", bindings.Select(b => b.Queue), d.Topology.Items("queues").Where(IsAsTheSidecarDeclares).Select(q => q.Text("name")!)))
            .Concat(Compare("binding", bindings.Select(b => $"{b.Source} to {b.Queue}"), d.Topology.Items("bindings").Select(b => $"{b.Text("source")} to {b.Text("destination")}")));

        static bool IsDurableFanout(JsonNode exchange) => exchange.Text("type") == "fanout" && exchange.Text("durable") == "true" && exchange.Text("auto_delete") == "false";
        static bool IsAsTheSidecarDeclares(JsonNode queue) => queue.Text("durable") == "true" && queue.Text("auto_delete") == "false" && queue.Text("arguments/x-queue-type") == "classic";
        static IEnumerable<string> Compare(string kind, IEnumerable<string> wanted, IEnumerable<string> there) =>
            wanted.Distinct().Except(there).Select(name => $"The {kind} {name} is missing or not durable.").Concat(there.Except(wanted).Select(name => $"The {kind} {name} is of no use."));
    }

    private static IEnumerable<string> Redis(Deployment d)
    {
        var resiliency = Resiliency(d);
        var target = resiliency.At($"spec/targets/components/{DaprClient.PubSub}/inbound");
        var retry = resiliency.At($"spec/policies/retries/{target.Text("retry")}");
        var retries = int.Parse(retry.Text("maxRetries") ?? "0", CultureInfo.InvariantCulture);
        var budget = (retries + 1) * Seconds(resiliency.Text($"spec/policies/timeouts/{target.Text("timeout")}")) + retries * 1.5 * Seconds(retry.Text("maxInterval"));
        if (Seconds(Value(Bus(d, "redis"), "processingTimeout")) <= budget)
        {
            yield return $"A message may be retried for {budget} s.";
        }

        static double Seconds(string? text) => text is null ? 0 : double.Parse(text.TrimEnd('s'), CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Shared(Deployment d)
    {
        if (!d.Dapr["local"].All(o => o.Text("kind") == "Component") || Bus(d, "local") is null)
        {
            yield return "The local run has more of its own than its bus.";
        }
    }

    [GeneratedRegex("password|connectionString|secret", RegexOptions.IgnoreCase)]
    private static partial Regex SecretKey();
}
