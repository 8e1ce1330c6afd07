using Marketplace.Deploy.Tests.Reading;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>Compose and Kubernetes run the same processes, told the same things.</summary>
internal static class AgreementRules
{
    /// <summary>What there is to say on one machine only: the demonstration, and the sidecar's port, which Dapr's injector tells.</summary>
    private static readonly string[] OneMachineOnly = ["DAPR_HTTP_PORT", "LocalClock__File", "LocalClock__Followers", "Portal__TestCards"];

    /// <summary>How Kubernetes composes the connection string.</summary>
    private static readonly string[] ClusterOnly = ["DATABASE_PASSWORD"];

    public static IEnumerable<Rule> All { get; } =
    [
        new("agreement: compose and Kubernetes run the same images", Images),
        new("agreement: compose and Kubernetes tell the same settings", Settings),
        new("agreement: compose and Kubernetes name the same neighbours", Neighbours),
        new("agreement: sidecars are told the same", Sidecars),
        new("agreement: broker and its tools have the same versions", Versions),
        new("agreement: nothing of the demonstration reaches a cluster", Demonstration),
        new("images: no root, no shell, compiled ahead, and the time zones", Recipe),
    ];

    private static IEnumerable<(string Overlay, App App)> Everywhere(Deployment d) => d.Kubernetes.Keys.SelectMany(_ => Code.Apps, (overlay, app) => (overlay, app));

    private static IEnumerable<string> Images(Deployment d) =>
        from x in Everywhere(d)
        let compose = d.Service(x.App.AppId).Text("image")?.Split(':')[0]
        from container in Kustomize.Containers(d.Object(x.Overlay, "Deployment", x.App.AppId)!)
        let image = container.Text("image") ?? ""
        where compose != $"marketplace/{x.App.AppId}" || !image.EndsWith($"/{compose}:{d.Example["VERSION"]}", StringComparison.Ordinal)
        select $"{x.Overlay}: {x.App.AppId} runs {image}, and {compose} in compose.";

    private static IEnumerable<string> Settings(Deployment d)
    {
        foreach (var (overlay, app) in Everywhere(d))
        {
            var compose = d.ComposeSettings(app.AppId).Keys.Except(OneMachineOnly).ToHashSet();
            var cluster = d.KubernetesSettings(overlay, app.AppId, (_, _) => "").Keys.Except(ClusterOnly).ToHashSet();
            foreach (var setting in compose.Except(cluster))
            {
                yield return $"{overlay}: {app.AppId} is not told {setting}.";
            }

            foreach (var setting in cluster.Except(compose))
            {
                yield return $"compose: {app.AppId} is not told {setting}.";
            }
        }
    }

    private static IEnumerable<string> Neighbours(Deployment d)
    {
        foreach (var overlay in d.Kubernetes.Keys)
        {
            var (compose, cluster) = (d.ComposeSettings("gateway"), d.KubernetesSettings(overlay, "gateway", (_, _) => ""));
            foreach (var neighbour in Gateway.Proxy.Neighbour.All)
            {
                var setting = neighbour.Setting.Replace(":", "__", StringComparison.Ordinal);
                var address = $"http://{neighbour.Name}:8080";
                if (compose.GetValueOrDefault(setting) != address || cluster.GetValueOrDefault(setting) != address || d.Object(overlay, "Service", neighbour.Name).Text("spec/ports/0/port") != "8080")
                {
                    yield return $"{overlay}: the gateway does not find {neighbour.Name} at {address}.";
                }
            }

            foreach (var setting in (string[])["AppChannel__Host", "AppChannel__Port"])
            {
                if (compose.GetValueOrDefault(setting) != cluster.GetValueOrDefault(setting))
                {
                    yield return $"{overlay}: {setting} differs.";
                }
            }
        }
    }

    private static IEnumerable<string> Sidecars(Deployment d)
    {
        foreach (var (overlay, app) in Everywhere(d))
        {
            var command = d.Service(app.AppId + "-dapr").Texts("command");
            var annotations = d.Object(overlay, "Deployment", app.AppId).At("spec/template/metadata/annotations");
            foreach (var flag in (string[])["app-id", "app-port", "app-health-check-path", "app-health-probe-timeout"])
            {
                var told = command.FirstOrDefault(argument => argument.StartsWith($"--{flag}=", StringComparison.Ordinal))?.Split('=')[1];
                if (told != annotations.Text($"dapr.io~1{flag}"))
                {
                    yield return $"{overlay}: {app.AppId} has another {flag}.";
                }
            }

            if (command.Contains("--enable-app-health-check") != (annotations.Text("dapr.io~1enable-app-health-check") == "true"))
            {
                yield return $"{overlay}: the health of {app.AppId} is asked for in one place only.";
            }
        }
    }

    private static IEnumerable<string> Versions(Deployment d) =>
        from overlay in d.Kubernetes.Keys
        where d.Object(overlay, "RabbitmqCluster", "rabbitmq").Text("spec/image") != d.Service("rabbitmq").Text("image")
            || d.Object(overlay, "Job", "broker-topology").Text("spec/template/spec/containers/0/image") != d.Service("broker-topology").Text("image")
            || d.Object(overlay, "Cluster", "marketplace-db").Text("spec/imageName")?.Split(':')[1] != d.Service("postgres").Text("image")?.Split(':')[1].Split('.')[0]
        select $"{overlay}: other versions than in compose.";

    private static IEnumerable<string> Demonstration(Deployment d) =>
        from overlay in d.Kubernetes
        from text in overlay.Value.SelectMany(o => o.AllTexts().Concat(o.Entries("data").Select(e => e.Name)).Concat(o.Items("spec/template/spec/containers").SelectMany(c => c.Items("env")).Select(e => e.Text("name")!)))
        where text.Contains("LocalClock", StringComparison.Ordinal) || text.Contains("TestCards", StringComparison.Ordinal) || text.Contains("payment-simulator", StringComparison.Ordinal)
        select $"{overlay.Key}: {text}.";

    private static IEnumerable<string> Recipe(Deployment d) =>
        from wanted in (string[])["USER 1654", "-noble-chiseled-extra", "PublishReadyToRun=true", "ENTRYPOINT [\"/app/start\"]", "ASPNETCORE_URLS=http://+:8080"]
        where !d.Dockerfile.Contains(wanted, StringComparison.Ordinal)
        select $"The recipe says nothing of {wanted}.";
}
