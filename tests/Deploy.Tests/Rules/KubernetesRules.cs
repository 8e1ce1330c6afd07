using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Deploy.Tests.Reading;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>What each overlay has to be, as kustomize renders it.</summary>
internal static partial class KubernetesRules
{
    public static IEnumerable<Rule> All { get; } =
    [
        new("kubernetes: every app has its deployment, service account, service and disruption budget", Workloads),
        new("kubernetes: every app has its sidecar", Sidecars),
        new("kubernetes: every app is asked how it is, on ports that it has", Probes),
        new("kubernetes: every container is confined, and asks for what it needs", Confined),
        new("kubernetes: every app has its database, and its role the password that the app has", Databases),
        new("kubernetes: the database is migrated by the same image, before the app", Migrations),
        new("kubernetes: every secret that is asked for is made, and no other", Secrets),
        new("kubernetes: no secret is written down", Literals),
        new("kubernetes: every setting is read by the code", Settings),
        new("kubernetes: nothing is reached that no policy names", Policies),
        new("kubernetes: people come in by TLS, and to the gateway only", Doors),
        new("kubernetes: messages are delivered as everywhere", Messages),
        new("kubernetes: a region scales every app, and a town none", Scaling),
    ];

    private static IEnumerable<string> Each(Deployment d, Func<string, App, JsonObject, IEnumerable<string>> faults) =>
        from overlay in d.Kubernetes.Keys
        from app in Code.Apps
        from fault in d.Object(overlay, "Deployment", app.AppId) is { } deployment ? faults(overlay, app, deployment) : [$"{app.AppId} has no deployment."]
        select $"{overlay}: {fault}";

    private static IEnumerable<string> Workloads(Deployment d) => Each(d, (overlay, app, deployment) =>
        from kind in (string[])["Service", "ServiceAccount", "PodDisruptionBudget"]
        let found = d.Object(overlay, kind, app.AppId)
        let selects = kind switch { "Service" => found.Text("spec/selector/app.kubernetes.io~1name"), "PodDisruptionBudget" => found.Text("spec/selector/matchLabels/app.kubernetes.io~1name"), _ => app.AppId }
        where found is null || selects != app.AppId || deployment.Text("spec/template/metadata/labels/app.kubernetes.io~1name") != app.AppId
        select $"{app.AppId} has no {kind}.");

    private static string? Annotation(JsonNode deployment, string name) => deployment.Text($"spec/template/metadata/annotations/dapr.io~1{name}");

    private static JsonNode? AppContainer(JsonNode deployment) => deployment.Items("spec/template/spec/containers").FirstOrDefault(c => c.Text("name") == "app");

    private static IEnumerable<string> Sidecars(Deployment d) => Each(d, (overlay, app, deployment) =>
    {
        Dictionary<string, string> wanted = new()
        {
            ["enabled"] = "true",
            ["app-id"] = app.AppId,
            ["app-port"] = ComposeRules.AppPort(d, app),
            ["app-protocol"] = "http",
            ["config"] = "marketplace",
            ["api-token-secret"] = "dapr-api-token",
            ["app-token-secret"] = "app-api-token",
        };
        return wanted.Where(w => Annotation(deployment, w.Key) != w.Value).Select(w => $"{app.AppId} is not annotated with {w.Key}: {w.Value}.");
    });

    private static IEnumerable<string> Probes(Deployment d) => Each(d, (overlay, app, deployment) =>
    {
        var container = AppContainer(deployment);
        var faults = ((string Probe, string Path)[])[("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")];
        return faults.Where(f => container.Text($"{f.Probe}/httpGet/path") != f.Path || container.Text($"{f.Probe}/httpGet/port") != "http").Select(f => $"{app.AppId} has no {f.Probe} at {f.Path}.")
            .Concat(container.Items("ports").Any(p => p.Text("name") == "http" && p.Text("containerPort") == "8080") && d.Object(overlay, "Service", app.AppId).Text("spec/ports/0/targetPort") == "http"
                && d.Dockerfile.Contains("ASPNETCORE_URLS=http://+:8080", StringComparison.Ordinal) ? [] : [$"{app.AppId}: image, container and service do not agree on the port."]);
    });

    private static IEnumerable<string> Confined(Deployment d) =>
        from overlay in d.Kubernetes
        from workload in overlay.Value.Where(o => o.Text("kind") is "Deployment" or "Job")
        from container in Kustomize.Containers(workload)
        where container.Text("securityContext/readOnlyRootFilesystem") != "true"
            || container.Text("securityContext/allowPrivilegeEscalation") != "false"
            || !container.Texts("securityContext/capabilities/drop").SequenceEqual(["ALL"])
            || workload.Text("spec/template/spec/securityContext/runAsNonRoot") != "true"
            || workload.Text("spec/template/spec/securityContext/seccompProfile/type") != "RuntimeDefault"
            || workload.Text("spec/template/spec/automountServiceAccountToken") != "false"
            || container.Text("resources/requests/cpu") is null || container.Text("resources/requests/memory") is null || container.Text("resources/limits/memory") is null
        select $"{overlay.Key}: {workload.Text("metadata/name")}/{container.Text("name")}.";

    private static IEnumerable<string> Databases(Deployment d) => Each(d, (overlay, app, deployment) =>
    {
        var cluster = d.Object(overlay, "Cluster", "marketplace-db");
        var database = d.Object(overlay, "Database", app.AppId);
        var role = cluster.Items("spec/managed/roles").FirstOrDefault(r => r.Text("name") == app.Database);
        var password = AppContainer(deployment).Items("env").FirstOrDefault(e => e.Text("name") == "DATABASE_PASSWORD").Text("valueFrom/secretKeyRef/name");
        var connection = AppContainer(deployment).Items("env").FirstOrDefault(e => e.Text("name") == "ConnectionStrings__Database").Text("value") ?? "";
        List<string> faults = [];
        if (database.Text("spec/name") != app.Database || database.Text("spec/owner") != app.Database || database.Text("spec/cluster/name") != "marketplace-db")
        {
            faults.Add($"{app.AppId} has no database.");
        }

        if (role.Text("login") != "true" || role.Text("passwordSecret/name") != password || password != $"{app.AppId}-database")
        {
            faults.Add($"{app.AppId} cannot sign in to its database.");
        }

        if (connection != $"Host=marketplace-db-rw;Database={app.Database};Username={app.Database};Password=$(DATABASE_PASSWORD);SSL Mode=Require")
        {
            faults.Add($"{app.AppId} is told of the database by {connection}.");
        }

        return faults;
    });

    private static IEnumerable<string> Migrations(Deployment d) => Each(d, (overlay, app, deployment) =>
        deployment.Items("spec/template/spec/initContainers").Any(c => c.Texts("args").SequenceEqual(["--migrate"]) && c.Text("image") == AppContainer(deployment).Text("image")
            && JsonNode.DeepEquals(c.At("env"), AppContainer(deployment).At("env"))) ? [] : [$"{app.AppId} is not migrated."]);

    private static IEnumerable<string> Secrets(Deployment d)
    {
        var made = MadeSecret().Matches(d.CreateSecrets).SelectMany(m => MadeKey().Matches(m.Groups["keys"].Value).Select(k => $"{m.Groups["name"].Value}/{k.Groups[1].Value}"))
            .Concat(MadeDatabase().Matches(d.CreateSecrets).Select(m => $"{m.Groups[1].Value}-database/password")).ToHashSet();
        foreach (var (overlay, objects) in d.Kubernetes)
        {
            var asked = objects.Where(o => o.Text("kind") is "Deployment" or "Job").SelectMany(Kustomize.Containers).SelectMany(c => c.Items("env"))
                .Where(e => e.At("valueFrom/secretKeyRef") is not null).Select(e => $"{e.Text("valueFrom/secretKeyRef/name")}/{e.Text("valueFrom/secretKeyRef/key")}")
                .Concat(objects.Where(o => o.Text("kind") == "Component").SelectMany(c => c.Items("spec/metadata")).Where(m => m.At("secretKeyRef") is not null)
                    .Select(m => $"{m.Text("secretKeyRef/name")}/{m.Text("secretKeyRef/key")}"))
                .ToHashSet();
            foreach (var secret in asked.Except(made).Where(secret => !secret.StartsWith("rabbitmq-default-user/", StringComparison.Ordinal)))
            {
                yield return $"{overlay}: nobody makes {secret}.";
            }

            foreach (var secret in made.Except(asked))
            {
                yield return $"{overlay}: nobody asks for {secret}.";
            }
        }

        foreach (var variable in Value().Matches(d.CreateSecrets).Select(m => m.Groups["name"].Value).Where(v => !d.Example.ContainsKey(v)))
        {
            yield return $"{variable} is not in .env.example.";
        }
    }

    private static IEnumerable<string> Literals(Deployment d) =>
        from overlay in d.Kubernetes
        from o in overlay.Value
        let faults = o.Text("kind") == "Secret" ? ["is a Secret"] : Kustomize.Containers(o).SelectMany(c => c.Items("env")).Concat(o.Items("spec/metadata"))
            .Where(e => SecretName().IsMatch(e.Text("name") ?? "") && e.At("value") is not null).Select(e => $"has {e.Text("name")} written down")
            .Concat(o.Text("kind") == "ConfigMap" ? o.Entries("data").Where(e => SecretName().IsMatch(e.Name)).Select(e => $"has {e.Name} written down") : [])
        from fault in faults
        select $"{overlay.Key}: {o.Text("kind")} {o.Text("metadata/name")} {fault}.";

    private static IEnumerable<string> Settings(Deployment d) => Each(d, (overlay, app, _) =>
        from setting in d.KubernetesSettings(overlay, app.AppId, (_, _) => "").Keys
        where setting != "DATABASE_PASSWORD" && !Code.Reads(setting)
        select $"{app.AppId} is told {setting}, which nobody reads.");

    private static IEnumerable<string> Policies(Deployment d)
    {
        foreach (var (overlay, objects) in d.Kubernetes)
        {
            var policies = objects.Where(o => o.Text("kind") == "NetworkPolicy").ToList();
            if (!policies.Any(p => p.Text("spec/podSelector/matchLabels/app.kubernetes.io~1part-of") == "marketplace" && p.Texts("spec/policyTypes").Order().SequenceEqual(["Egress", "Ingress"])
                && p.At("spec/ingress") is null && p.At("spec/egress") is null))
            {
                yield return $"{overlay}: not everything is denied to begin with.";
            }

            foreach (var workload in objects.Where(o => o.Text("kind") is "Deployment" or "Job" && o.Text("spec/template/metadata/labels/app.kubernetes.io~1part-of") != "marketplace"))
            {
                yield return $"{overlay}: no policy is meant for {workload.Text("metadata/name")}.";
            }

            var open = policies.Where(p => p.Text("spec/podSelector/matchLabels/app.kubernetes.io~1component") == "gateway").SelectMany(p => p.Items("spec/ingress")).ToList();
            if (open.Count != 1 || open[0].Items("from").Any(from => from.At("namespaceSelector") is null) || open[0].Text("ports/0/port") != "8080")
            {
                yield return $"{overlay}: the gateway can be reached by others than the ingress controller.";
            }

            foreach (var policy in policies.Where(p => p.Items("spec/ingress").Any(rule => !rule.Items("from").Any() || !rule.Items("ports").Any())))
            {
                yield return $"{overlay}: {policy.Text("metadata/name")} lets anybody in.";
            }
        }
    }

    private static IEnumerable<string> Doors(Deployment d)
    {
        foreach (var (overlay, objects) in d.Kubernetes)
        {
            var ingresses = objects.Where(o => o.Text("kind") == "Ingress").ToList();
            if (ingresses.SelectMany(i => i.Items("spec/rules")).SelectMany(r => r.Items("http/paths")).Any(p => p.Text("backend/service/name") != "gateway"))
            {
                yield return $"{overlay}: something else than the gateway is let out.";
            }

            foreach (var host in ingresses.SelectMany(i => i.Items("spec/rules").Select(r => (Ingress: i, Host: r.Text("host")!))).Where(x => !x.Ingress.Items("spec/tls").Any(t => t.Texts("hosts").Contains(x.Host) && t.Text("secretName") is not null)))
            {
                yield return $"{overlay}: {host.Host} is served without TLS.";
            }

            var gateway = d.Object(overlay, "ConfigMap", "gateway-settings");
            if (ingresses.Count != 1 || gateway.Text("data/PublicAddress") != $"https://{ingresses[0].Text("spec/rules/0/host")}" || gateway.Text("data/Portal__Https") != "true"
                || d.Object(overlay, "ConfigMap", "pooled-orders-settings").Text("data/PublicAddress") != gateway.Text("data/PublicAddress"))
            {
                yield return $"{overlay}: address, cookies and ingress do not agree.";
            }

            foreach (var service in objects.Where(o => o.Text("kind") == "Service" && o.Text("spec/type") is not (null or "ClusterIP")))
            {
                yield return $"{overlay}: {service.Text("metadata/name")} has a door of its own.";
            }
        }
    }

    private static IEnumerable<string> Messages(Deployment d)
    {
        foreach (var (overlay, objects) in d.Kubernetes)
        {
            var bus = objects.SingleOrDefault(o => o.Text("kind") == "Component");
            var origin = d.Dapr["rabbitmq"].Single().DeepClone();
            var same = bus?.DeepClone();
            if (same is not null)
            {
                same["auth"] = origin["auth"]!.DeepClone();
                same["spec"]!["metadata"]![0] = origin["spec"]!["metadata"]![0]!.DeepClone();
                same["metadata"] = origin["metadata"]!.DeepClone();
            }

            if (!JsonNode.DeepEquals(same, origin) || bus.Text("auth/secretStore") != "kubernetes")
            {
                yield return $"{overlay}: the bus differs in more than where its secret is.";
            }

            if (!d.Dapr["shared"].All(o => JsonNode.DeepEquals(o["spec"], d.Object(overlay, o.Text("kind")!, o.Text("metadata/name")!)?["spec"])))
            {
                yield return $"{overlay}: retries or sidecar settings are not those of every deployment.";
            }

            if (JsonNode.Parse(d.Object(overlay, "ConfigMap", "broker-topology").Text("data/definitions.json") ?? "{}") is var topology && !JsonNode.DeepEquals(topology, d.Topology))
            {
                yield return $"{overlay}: the topology is another.";
            }
        }
    }

    private static IEnumerable<string> Scaling(Deployment d)
    {
        foreach (var app in Code.Apps)
        {
            var scaler = d.Object("region", "HorizontalPodAutoscaler", app.AppId);
            if (scaler.Text("spec/scaleTargetRef/name") != app.AppId || !int.TryParse(scaler.Text("spec/minReplicas"), out var least) || least < 2 || d.Object("region", "Deployment", app.AppId).At("spec/replicas") is not null)
            {
                yield return $"region: {app.AppId} is not scaled.";
            }

            if (d.Object("town", "HorizontalPodAutoscaler", app.AppId) is not null || d.Object("town", "Deployment", app.AppId).Text("spec/replicas") != "1")
            {
                yield return $"town: {app.AppId} has more than one.";
            }
        }
    }

    [GeneratedRegex(@"^secret (?<name>[a-z-]+) (?<keys>.+)$", RegexOptions.Multiline)]
    private static partial Regex MadeSecret();

    [GeneratedRegex("--from-literal ([a-z-]+)=")]
    private static partial Regex MadeKey();

    [GeneratedRegex("^database ([a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex MadeDatabase();

    [GeneratedRegex(@"\(value (?<name>[A-Z_]+)\)|(?<name>[A-Z_]+_DATABASE_PASSWORD)$", RegexOptions.Multiline)]
    private static partial Regex Value();

    [GeneratedRegex("(PASSWORD|TOKEN|SecretKey|WebhookSecret|PrivateKey|connectionString)$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
