using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Deploy.Tests.Reading;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>What services, sidecars and broker send arrives, and is shown.</summary>
internal static partial class TelemetryRules
{
    /// <summary>
    /// The names that the collector's Prometheus exporter makes of the meters of .NET 10, and those of daprd and RabbitMQ.
    /// </summary>
    private static readonly string[] Metrics =
    [
        "http_server_request_duration_seconds_bucket", "http_server_request_duration_seconds_count",
        "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes",
        "dapr_component_pubsub_ingress_count", "dapr_component_pubsub_ingress_bulk_event_count", "rabbitmq_detailed_queue_messages",
    ];

    public static IEnumerable<Rule> All { get; } =
    [
        new("telemetry: everyone sends, and every sidecar is measured", Everyone),
        new("telemetry: what is sent arrives", Arrives),
        new("telemetry: panels and alerts ask for what is there", Panels),
    ];

    private static IEnumerable<string> Everyone(Deployment d)
    {
        var endpoint = "http://otel-collector:4317";
        foreach (var app in Code.Apps.Where(app => d.ComposeSettings(app.AppId).GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT") != endpoint))
        {
            yield return $"{app.AppId} sends nothing.";
        }

        var measured = d.Telemetry["collector.yaml"].Items("receivers/prometheus/config/scrape_configs").First(s => s.Text("job_name") == "dapr").Texts("static_configs/0/targets");
        foreach (var app in Code.Apps.Where(app => !measured.Contains($"{app.AppId}:9090") || !d.Service(app.AppId + "-dapr").Texts("command").Contains("--metrics-port=9090")))
        {
            yield return $"The sidecar of {app.AppId} is not measured.";
        }

        if (d.Dapr["shared"].First(o => o.Text("kind") == "Configuration").Text("spec/tracing/otel/endpointAddress") != "otel-collector:4317")
        {
            yield return "Sidecars send their traces elsewhere.";
        }
    }

    private static IEnumerable<string> Arrives(Deployment d)
    {
        var collector = d.Telemetry["collector.yaml"];
        foreach (var (pipeline, parts) in collector.Entries("service/pipelines"))
        {
            foreach (var part in (string[])["receivers", "processors", "exporters"])
            {
                foreach (var name in parts.Texts(part).Where(name => collector[part]?[name] is null))
                {
                    yield return $"The pipeline {pipeline} has no {name}.";
                }
            }
        }

        var addresses = ((string?[])
        [
            collector.Text("exporters/otlp~1tempo/endpoint") ?? collector["exporters"]?["otlp/tempo"]?["endpoint"]?.ToString(),
            d.Telemetry["prometheus.yaml"].Text("scrape_configs/0/static_configs/0/targets/0"),
            .. d.Telemetry["grafana/provisioning/datasources/datasources.yaml"].Items("datasources").Select(s => new Uri(s.Text("url")!).Authority),
        ]).OfType<string>().ToList();
        string[] open =
        [
            $"tempo:{Port(d.Telemetry["tempo.yaml"].Text("distributor/receivers/otlp/protocols/grpc/endpoint"))}", $"tempo:{d.Telemetry["tempo.yaml"].Text("server/http_listen_port")}",
            $"otel-collector:{Port(collector.Text("exporters/prometheus/endpoint"))}", "prometheus:9090",
        ];
        foreach (var address in addresses.Where(address => !open.Contains(address) || d.Service(address.Split(':')[0]) is null))
        {
            yield return $"Nobody listens at {address}.";
        }

        static string? Port(string? address) => address?.Split(':')[^1];
    }

    private static IEnumerable<string> Panels(Deployment d)
    {
        var sources = d.Telemetry["grafana/provisioning/datasources/datasources.yaml"].Items("datasources").Select(s => s.Text("uid")).ToHashSet();
        var panels = d.Telemetry["grafana/dashboards/marketplace.json"].Items("panels").ToList();
        foreach (var panel in panels.Where(p => !sources.Contains(p.Text("datasource/uid"))))
        {
            yield return $"{panel.Text("title")} has no source.";
        }

        var expressions = panels.SelectMany(p => p.Items("targets")).Select(t => t.Text("expr")!)
            .Concat(d.Telemetry["alerts.yaml"].Items("groups").SelectMany(g => g.Items("rules")).Select(r => r.Text("expr")!)).ToList();
        foreach (var expression in expressions.Where(e => !Name().Matches(e).Any(m => Metrics.Contains(m.Value)) || Name().Matches(e).Any(m => m.Value.Count(c => c == '_') > 1 && !Metrics.Contains(m.Value) && !NotMetrics().IsMatch(m.Value))))
        {
            yield return $"Nobody sends what this asks for: {expression}";
        }
    }

    [GeneratedRegex("[a-z][a-z0-9_]*")]
    private static partial Regex Name();

    [GeneratedRegex("^(present_over_time|http_response_status_code|http_route|__rate_interval|rate_interval)$")]
    private static partial Regex NotMetrics();
}
