using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Testing;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>What <c>docker-compose.yml</c> has to be.</summary>
internal static partial class ComposeRules
{
    public static IEnumerable<Rule> All { get; } =
    [
        new("compose: every app has its container, database and health check", Containers),
        new("compose: every app has its sidecar, on loopback and without a port", Sidecars),
        new("compose: only the gateway is published beyond this machine", Published),
        new("compose: every container is confined", Confined),
        new("compose: what is waited for can be waited for", Waits),
        new("compose: what is mounted is there", Mounts),
        new("compose: variables and .env.example agree", Variables),
        new("compose: no secret is written down", Secrets),
        new("compose: every setting is read by the code", Settings),
        new("compose: images have versions", Images),
    ];

    private static IEnumerable<(string Name, JsonNode? Service)> Services(Deployment d) => d.Compose.Entries("services");

    private static IEnumerable<string> Containers(Deployment d)
    {
        foreach (var app in Code.Apps)
        {
            var service = d.Service(app.AppId);
            if (service is null)
            {
                yield return $"{app.AppId} has no container.";
                continue;
            }

            if (service.Text("build/args/PROJECT") != app.Project)
            {
                yield return $"{app.AppId} is not built from {app.Project}.";
            }

            if (string.Join(' ', service.Texts("healthcheck/test")) != "CMD /app/start --health")
            {
                yield return $"{app.AppId} is not asked for its health.";
            }

            var password = $"${{{app.Database.ToUpperInvariant()}_DATABASE_PASSWORD:?";
            if (service.Text("environment/ConnectionStrings__Database") is not { } connection
                || !connection.StartsWith($"Host=postgres;Database={app.Database};Username={app.Database};Password={password}", StringComparison.Ordinal))
            {
                yield return $"{app.AppId} does not sign in to its own database.";
            }

            if (!d.CreateDatabases.Contains($"create {app.Database} \"${app.Database.ToUpperInvariant()}_DATABASE_PASSWORD\"", StringComparison.Ordinal))
            {
                yield return $"No database is created for {app.AppId}.";
            }
        }
    }

    private static IEnumerable<string> Sidecars(Deployment d)
    {
        foreach (var app in Code.Apps)
        {
            var sidecar = d.Service(app.AppId + "-dapr");
            var command = sidecar.Texts("command");
            foreach (var flag in (string[])[$"--app-id={app.AppId}", "--dapr-listen-addresses=127.0.0.1", "--config=/dapr/shared/configuration.yaml", "--resources-path=/dapr/shared", "--resources-path=/dapr/bus", "--resources-path=/dapr/secrets"])
            {
                if (!command.Contains(flag))
                {
                    yield return $"The sidecar of {app.AppId} is not told {flag}.";
                }
            }

            if (!command.Contains($"--app-port={AppPort(d, app)}") || !command.Contains($"--dapr-http-port={d.Service(app.AppId).Text("environment/DAPR_HTTP_PORT")}"))
            {
                yield return $"{app.AppId} and its sidecar do not find each other.";
            }

            if (sidecar.Text("network_mode") != $"service:{app.AppId}" || sidecar.At("ports") is not null || sidecar.At("networks") is not null)
            {
                yield return $"The sidecar of {app.AppId} can be reached from elsewhere.";
            }

            foreach (var token in (string[])["APP_API_TOKEN", "DAPR_API_TOKEN"])
            {
                if (sidecar.Text($"environment/{token}") is not { } value || value != d.Service(app.AppId).Text($"environment/{token}"))
                {
                    yield return $"{app.AppId} and its sidecar do not share {token}.";
                }
            }
        }
    }

    /// <summary>Where an app takes what its sidecar delivers.</summary>
    public static string AppPort(Deployment d, App app) => d.Service(app.AppId).Text("environment/AppChannel__Port") ?? "8080";

    private static IEnumerable<string> Published(Deployment d) =>
        from service in Services(d)
        where service.Name != "gateway"
        from port in service.Service.Texts("ports")
        where !port.StartsWith("127.0.0.1:", StringComparison.Ordinal)
        select $"{service.Name} is published as {port}.";

    private static IEnumerable<string> Confined(Deployment d) =>
        from service in Services(d)
        where service.Service.Text("read_only") != "true"
            || !service.Service.Texts("cap_drop").SequenceEqual(["ALL"])
            || !service.Service.Texts("security_opt").Contains("no-new-privileges:true")
            || service.Service.Text("privileged") is not null
            || service.Service.AllTexts().Any(text => text.Contains("docker.sock", StringComparison.Ordinal))
        select $"{service.Name} may do more than it needs.";

    private static IEnumerable<string> Waits(Deployment d) =>
        from service in Services(d)
        from awaited in service.Service.Entries("depends_on")
        let fault = d.Service(awaited.Name) is not { } other ? "does not exist"
            : awaited.Value.Text("condition") == "service_healthy" && other.At("healthcheck") is null ? "tells nobody its health"
            : other.At("profiles") is not null && service.Service.At("profiles") is null && awaited.Value.Text("required") != "false" ? "is not always there"
            : null
        where fault is not null
        select $"{service.Name} waits for {awaited.Name}, which {fault}.";

    private static IEnumerable<string> Mounts(Deployment d)
    {
        foreach (var (name, service) in Services(d))
        {
            foreach (var mount in service.Texts("volumes"))
            {
                var source = mount[..mount.IndexOf(':')];
                if (source.StartsWith("./", StringComparison.Ordinal) ? !Path.Exists(Path.Combine(Repository.Root, source[2..])) || !mount.EndsWith(":ro", StringComparison.Ordinal) : d.Compose["volumes"]!.AsObject().ContainsKey(source) is false)
                {
                    yield return $"{name} mounts {mount}.";
                }
            }
        }
    }

    private static IEnumerable<string> Variables(Deployment d)
    {
        var used = d.Compose.AllTexts().SelectMany(text => Deployment.Variable().Matches(text)).ToList();
        foreach (var variable in used)
        {
            var (name, rule) = (variable.Groups["name"].Value, variable.Groups["rule"].Value);
            if (!d.Example.ContainsKey(name))
            {
                yield return $"{name} is not in .env.example.";
            }
            else if (!rule.Contains('?', StringComparison.Ordinal))
            {
                yield return $"{name} may be missing, and nobody is told.";
            }
        }

        foreach (var name in d.Example.Keys.Except(used.Select(variable => variable.Groups["name"].Value)).Where(name => name != "COMPOSE_PROFILES"))
        {
            yield return $"{name} of .env.example is used nowhere.";
        }
    }

    private static IEnumerable<string> Secrets(Deployment d)
    {
        foreach (var (name, service) in Services(d))
        {
            foreach (var (setting, value) in service.Entries("environment"))
            {
                if (SecretName().IsMatch(setting) && !Deployment.Variable().IsMatch($"{value}"))
                {
                    yield return $"{name} has {setting} written down.";
                }
            }
        }

        foreach (var (name, value) in d.Example.Where(line => SecretName().IsMatch(line.Key) && line.Value.Length > 0))
        {
            yield return $".env.example gives {name} a value.";
        }

        foreach (var text in d.Compose.AllTexts().Where(text => CredentialInAddress().IsMatch(text)))
        {
            yield return $"An address has a password in it: {text}.";
        }
    }

    private static IEnumerable<string> Settings(Deployment d) =>
        from name in Code.Apps.Select(app => app.AppId).Append("payment-simulator").Append("demonstration")
        from setting in d.Service(name).Entries("environment")
        where !Code.Reads(setting.Name)
        select $"{name} is told {setting.Name}, which nobody reads.";

    private static IEnumerable<string> Images(Deployment d) =>
        from service in Services(d)
        let image = service.Service.Text("image") ?? ""
        where image.StartsWith("marketplace/", StringComparison.Ordinal)
            ? image != $"marketplace/{service.Name}:${{VERSION:?missing in .env}}"
            : !Version().IsMatch(image)
        select $"{service.Name} runs {image}.";

    [GeneratedRegex("(PASSWORD|_PASS$|TOKEN|SECRET|PRIVATE_?KEY|IDENTITY_PUBLIC_KEY|ConnectionStrings|^rabbitmq$)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"://[^/@$]+:(?!\$\{)[^/@]+@")]
    private static partial Regex CredentialInAddress();

    [GeneratedRegex(@":v?\d+\.\d+(\.\d+)?(-[a-z]+)?$")]
    private static partial Regex Version();
}
