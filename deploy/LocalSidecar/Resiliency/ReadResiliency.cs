using System.Globalization;
using Marketplace.LocalSidecar.Resources;
using Marketplace.LocalSidecar.Routing;
using YamlDotNet.RepresentationModel;

namespace Marketplace.LocalSidecar.Resiliency;

/// <summary>Reads a Resiliency document; the defaults of what is left out are daprd's (wire contract §12).</summary>
internal static class ReadResiliency
{
    public static ResiliencyResource From(ResourceDocument document)
    {
        var policies = document.Root.Child("spec").Child("policies");
        var targets = document.Root.Child("spec").Child("targets");
        var timeouts = policies.Entries("timeouts").ToDictionary(entry => entry.Name, entry => Duration(document, entry.Value.ToString()));
        var retries = policies.Entries("retries").ToDictionary(entry => entry.Name, entry => Retry(document, entry.Value));
        var breakers = policies.Entries("circuitBreakers").ToDictionary(entry => entry.Name, entry => Breaker(document, entry.Value));

        TargetPolicy Policy(YamlNode? node) => new(
            Lookup<TimeSpan?>(document, node.Text("timeout"), name => timeouts.TryGetValue(name, out var timeout) ? timeout : null),
            Lookup(document, node.Text("retry"), retries.GetValueOrDefault),
            Lookup(document, node.Text("circuitBreaker"), breakers.GetValueOrDefault));

        return new ResiliencyResource(
            document.Root.Texts("scopes"),
            timeouts,
            retries,
            breakers,
            targets.Entries("components").ToDictionary(entry => entry.Name, entry => (Policy(entry.Value.Child("inbound")), Policy(entry.Value.Child("outbound")))),
            targets.Entries("apps").ToDictionary(entry => entry.Name, entry => Policy(entry.Value)));
    }

    private static RetryPolicy Retry(ResourceDocument document, YamlNode node)
    {
        var exponential = node.Text("policy") switch
        {
            null or "constant" => false,
            "exponential" => true,
            var other => throw document.Problem($"retry policy '{other}' is not supported"),
        };
        return new RetryPolicy(
            exponential,
            exponential ? Duration(document, node.Text("maxInterval") ?? "60s") : Duration(document, node.Text("duration") ?? "5s"),
            Number(document, node.Text("maxRetries"), -1),
            node.Child("matching").Text("httpStatusCodes") is { } codes ? StatusCodeRanges.Parse(codes) : null);
    }

    private static CircuitBreakerPolicy Breaker(ResourceDocument document, YamlNode node) => new(
        Number(document, node.Text("maxRequests"), 1),
        Duration(document, node.Text("interval") ?? "0s"),
        Duration(document, node.Text("timeout") ?? "60s"),
        CelExpression.Parse(node.Text("trip") ?? "consecutiveFailures > 5", CircuitBreakerPolicy.Variables));

    private static T? Lookup<T>(ResourceDocument document, string? name, Func<string, T?> find)
    {
        if (string.IsNullOrEmpty(name))
            return default;
        var found = find(name);
        return found is null ? throw document.Problem($"policy '{name}' is not declared") : found;
    }

    private static TimeSpan Duration(ResourceDocument document, string text) =>
        GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero ? duration : throw document.Problem($"'{text}' is not a duration");

    private static int Number(ResourceDocument document, string? text, int otherwise)
    {
        if (text is null)
            return otherwise;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw document.Problem($"'{text}' is not a number");
    }
}
