using System.Text.Json.Nodes;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Deploy.Tests.Rules;
using Marketplace.Testing;

namespace Marketplace.Deploy.Tests;

/// <summary>What is deployed, checked as data: against the code, against itself, and in copies that were broken on purpose.</summary>
public sealed class DeploymentTests
{
    /// <summary>What somebody may do to the files by mistake, and the rule that has to notice.</summary>
    private static readonly (string What, string NoticedBy, Action<Deployment> Break)[] Mistakes =
    [
        ("a service without a container", "compose: every app has its container", d => d.Compose["services"]!.AsObject().Remove("subsidies")),
        ("a service that signs in to another's database", "compose: every app has its container", d => d.Compose["services"]!["catalog"]!["environment"]!["ConnectionStrings__Database"] = "Host=postgres;Database=subsidies"),
        ("a database that nobody creates", "compose: every app has its container", d => d.CreateDatabases = d.CreateDatabases.Replace("create gateway", "# create gateway", StringComparison.Ordinal).Replace("\"$GATEWAY", "$GATEWAY", StringComparison.Ordinal)),
        ("a sidecar that listens everywhere", "compose: every app has its sidecar", d => d.Compose["services"]!["catalog-dapr"]!["command"]!.AsArray().RemoveAt(4)),
        ("a sidecar on another port", "compose: every app has its sidecar", d => d.Compose["services"]!["gateway"]!["environment"]!["AppChannel__Port"] = "8082"),
        ("a sidecar in a network", "compose: every app has its sidecar", d => d.Compose["services"]!["catalog-dapr"]!["networks"] = new JsonArray("mesh")),
        ("a published database", "compose: only the gateway", d => d.Compose["services"]!["postgres"]!["ports"] = new JsonArray("5432:5432")),
        ("a container that may write", "compose: every container is confined", d => d.Compose["services"]!["gateway"]!.AsObject().Remove("read_only")),
        ("a wait for somebody without health", "compose: what is waited for", d => d.Compose["services"]!["gateway"]!["depends_on"]!["tempo"] = new JsonObject { ["condition"] = "service_healthy" }),
        ("a mount of nothing", "compose: what is mounted", d => d.Compose["services"]!["tempo"]!["volumes"] = new JsonArray("./deploy/telemetry/missing.yaml:/x:ro")),
        ("a variable that nobody explains", "compose: variables", d => d.Example.Remove("RABBITMQ_PASSWORD")),
        ("a variable that nobody uses", "compose: variables", d => d.Example["OLD"] = "1"),
        ("a password in the file", "compose: no secret", d => d.Compose["services"]!["grafana"]!["environment"]!["GF_SECURITY_ADMIN_PASSWORD"] = "admin"),
        ("a password in the example", "compose: no secret", d => d.Example["RABBITMQ_PASSWORD"] = "guest"),
        ("a setting with a slip of the pen", "compose: every setting is read", d => d.Compose["services"]!["catalog"]!["environment"]!["Identity__PublicKeys"] = "x"),
        ("an image of any version", "compose: images", d => d.Compose["services"]!["rabbitmq"]!["image"] = "rabbitmq:latest"),
        ("a topic that nobody hears", "messages: every topic", d => d.Subscriptions["pooled-orders"].Clear()),
        ("a subscription without a dead letter", "messages: every subscription", d => d.Subscriptions["pooled-orders"][0]!.AsObject().Remove("deadLetterTopic")),
        ("retries without end", "messages: every delivery", d => d.Dapr["shared"].Single(o => o.Text("kind") == "Resiliency")["spec"]!["policies"]!["retries"]!["deliver"]!["maxRetries"] = -1),
        ("an app that may not use the bus", "messages: every broker serves", d => d.Dapr["redis"][0]["scopes"]!.AsArray().RemoveAt(0)),
        ("a broker's password in the file", "messages: passwords", d => d.Dapr["kafka"][0]["spec"]!["metadata"]!.AsArray().First(m => m.Text("name") == "saslPassword")!["value"] = "x"),
        ("a queue that goes with its last consumer", "messages: RabbitMQ keeps", d => d.Dapr["rabbitmq"][0]["spec"]!["metadata"]!.AsArray().First(m => m.Text("name") == "deletedWhenUnused")!["value"] = "true"),
        ("a queue that is not there", "messages: exchanges", d => d.Topology["queues"]!.AsArray().RemoveAt(0)),
        ("a binding that is not there", "messages: exchanges", d => d.Topology["bindings"]!.AsArray().RemoveAt(0)),
        ("a hasty Redis", "messages: Redis", d => d.Dapr["redis"][0]["spec"]!["metadata"]!.AsArray().First(m => m.Text("name") == "processingTimeout")!["value"] = "15s"),
        ("policies of the local run's own", "messages: the local sidecar", d => d.Dapr["local"].Add(d.Dapr["shared"].Single(o => o.Text("kind") == "Resiliency"))),
        ("a deployment that is not there", "kubernetes: every app has its deployment", d => d.Kubernetes["town"].Remove(d.Object("town", "Deployment", "catalog")!)),
        ("no disruption budget", "kubernetes: every app has its deployment", d => d.Kubernetes["region"].Remove(d.Object("region", "PodDisruptionBudget", "gateway")!)),
        ("no token for the sidecar", "kubernetes: every app has its sidecar", d => Template(d, "subsidies")["metadata"]!["annotations"]!.AsObject().Remove("dapr.io/app-token-secret")),
        ("no readiness", "kubernetes: every app is asked", d => Container(d, "catalog").Remove("readinessProbe")),
        ("another port in the image", "kubernetes: every app is asked", d => d.Dockerfile = d.Dockerfile.Replace(":8080", ":80", StringComparison.Ordinal)),
        ("a root file system to write on", "kubernetes: every container is confined", d => Container(d, "catalog")["securityContext"]!["readOnlyRootFilesystem"] = false),
        ("no request for memory", "kubernetes: every container is confined", d => Container(d, "gateway").Remove("resources")),
        ("a role without a password", "kubernetes: every app has its database", d => d.Object("town", "Cluster", "marketplace-db")!["spec"]!["managed"]!["roles"]!.AsArray().RemoveAt(2)),
        ("no migration", "kubernetes: the database is migrated", d => Template(d, "pooled-orders")["spec"]!.AsObject().Remove("initContainers")),
        ("a secret that nobody makes", "kubernetes: every secret", d => d.CreateSecrets = d.CreateSecrets.Replace("secret stripe", "secret strip", StringComparison.Ordinal)),
        ("a secret in a config map", "kubernetes: no secret", d => d.Object("town", "ConfigMap", "gateway-settings")!["data"]!["Mail__Smtp__Password"] = "x"),
        ("a setting of a cluster with a slip of the pen", "kubernetes: every setting", d => d.Object("town", "ConfigMap", "gateway-settings")!["data"]!["Proxies__Trust"] = "x"),
        ("no denial to begin with", "kubernetes: nothing is reached", d => d.Kubernetes["town"].Remove(d.Object("town", "NetworkPolicy", "default-deny")!)),
        ("an open service", "kubernetes: nothing is reached", d => d.Object("town", "NetworkPolicy", "services-from-gateway")!["spec"]!["ingress"]![0]!.AsObject().Remove("from")),
        ("no TLS", "kubernetes: people come in", d => d.Object("region", "Ingress", "gateway")!["spec"]!.AsObject().Remove("tls")),
        ("a service let out", "kubernetes: people come in", d => d.Object("town", "Service", "subsidies")!["spec"]!["type"] = "LoadBalancer"),
        ("other retries in a cluster", "kubernetes: messages", d => d.Object("town", "Resiliency", "marketplace")!["spec"]!["policies"]!["retries"]!["deliver"]!["maxRetries"] = 3),
        ("a region of one", "kubernetes: a region", d => d.Object("region", "HorizontalPodAutoscaler", "gateway")!["spec"]!["minReplicas"] = 1),
        ("another image in a cluster", "agreement: compose and Kubernetes run", d => Container(d, "catalog")["image"] = "registry.ville.example/marketplace/catalog:0.9.0"),
        ("a setting that clusters do not know", "agreement: compose and Kubernetes tell", d => d.Compose["services"]!["gateway"]!["environment"]!["Accounts__Issuer"] = "x"),
        ("a neighbour at another address", "agreement: compose and Kubernetes name", d => d.Object("town", "ConfigMap", "gateway-settings")!["data"]!["Services__Catalog"] = "http://catalogue:8080"),
        ("another health check", "agreement: sidecars", d => Template(d, "catalog")["metadata"]!["annotations"]!["dapr.io/app-health-check-path"] = "/healthz"),
        ("another broker", "agreement: broker", d => d.Compose["services"]!["rabbitmq"]!["image"] = "rabbitmq:3.13-management"),
        ("a movable clock in a cluster", "agreement: nothing of the demonstration", d => d.Object("town", "ConfigMap", "marketplace-settings")!["data"]!["LocalClock__File"] = "/clock/offset"),
        ("a sidecar that nobody measures", "telemetry: everyone", d => d.Telemetry["collector.yaml"]["receivers"]!["prometheus"]!["config"]!["scrape_configs"]![0]!["static_configs"]![0]!["targets"]!.AsArray().RemoveAt(0)),
        ("a pipeline without its end", "telemetry: what is sent", d => d.Telemetry["collector.yaml"]["exporters"]!.AsObject().Remove("otlp/tempo")),
        ("a store at another address", "telemetry: what is sent", d => d.Telemetry["prometheus.yaml"]["scrape_configs"]![0]!["static_configs"]![0]!["targets"]![0] = "collector:8889"),
        ("a panel of a metric that nobody sends", "telemetry: panels", d => d.Telemetry["grafana/dashboards/marketplace.json"]["panels"]![0]!["targets"]![0]!["expr"] = "rate(http_requests_total[5m])"),
        ("a panel without a source", "telemetry: panels", d => d.Telemetry["grafana/dashboards/marketplace.json"]["panels"]![0]!["datasource"]!["uid"] = "prom"),
        ("an image of root", "images: no root", d => d.Dockerfile = d.Dockerfile.Replace("USER 1654", "USER 0", StringComparison.Ordinal)),
    ];

    public static TheoryData<string> Rules => [.. Rule.All.Select(rule => rule.Name)];

    public static TheoryData<string> AllMistakes => [.. Mistakes.Select(mistake => mistake.What)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task every_rule_holds(string rule)
    {
        var deployment = await Deployment.LoadAsync();

        Assert.Empty(Rule.All.Single(r => r.Name == rule).Faults(deployment));
    }

    [Theory]
    [MemberData(nameof(AllMistakes))]
    public async Task a_mistake_is_noticed(string what)
    {
        var deployment = await Deployment.LoadAsync();
        var (_, noticedBy, breakIt) = Mistakes.Single(mistake => mistake.What == what);
        var rule = Rule.All.Single(r => r.Name.StartsWith(noticedBy, StringComparison.Ordinal));
        var before = rule.Faults(deployment).ToList();

        breakIt(deployment);

        Assert.NotEmpty(rule.Faults(deployment).Except(before));
    }

    [Fact]
    public void every_rule_is_tried_on_a_mistake() =>
        Assert.All(Rule.All, rule => Assert.Contains(Mistakes, mistake => rule.Name.StartsWith(mistake.NoticedBy, StringComparison.Ordinal)));

    [Fact]
    public void every_yaml_file_can_be_parsed()
    {
        var files = Directory.EnumerateFiles(Deployment.Folder, "*.y*ml", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
            .Append(Path.Combine(Repository.Root, "docker-compose.yml"))
            .ToList();

        Assert.True(files.Count >= 28, $"{files.Count} files only.");
        Assert.All(files, file => Assert.All(Yaml.Documents(File.ReadAllText(file)), document => Assert.NotEmpty(document.AsObject())));
        Assert.Throws<YamlDotNet.Core.YamlException>(() => Yaml.Documents("a: 1\na: 2"));
        Assert.Throws<YamlDotNet.Core.SemanticErrorException>(() => Yaml.Documents("a: [1"));
    }

    [Fact]
    public void every_kubernetes_file_belongs_to_a_kustomization()
    {
        foreach (var folder in Directory.GetDirectories(Path.Combine(Deployment.Folder, "kubernetes", "overlays")).Append(Path.Combine(Deployment.Folder, "kubernetes", "base")))
        {
            var listed = Yaml.Documents(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))).Single().Texts("resources");
            Assert.Empty(Directory.GetFiles(folder, "*.yaml").Select(file => Path.GetFileName(file)!).Where(file => file != "kustomization.yaml").Except(listed));
        }
    }

    private static JsonObject Template(Deployment d, string app) => d.Object("town", "Deployment", app)!["spec"]!["template"]!.AsObject();

    private static JsonObject Container(Deployment d, string app) => Template(d, app)["spec"]!["containers"]![0]!.AsObject();
}
