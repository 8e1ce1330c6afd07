using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Testing;

namespace Marketplace.Deploy.Tests;

/// <summary>
/// The files against other people's schemas: the compose specification's, as dclint carries it, and Kubernetes' API, as
/// kubernetes-models does. No registry carries those of Dapr, CloudNativePG and RabbitMQ's operator.
/// </summary>
public sealed class SchemaTests
{
    private static readonly NodeFolder Node = new("node");
    private static readonly string[] WithoutSchema = ["dapr.io/v1alpha1", "postgresql.cnpg.io/v1", "rabbitmq.com/v1beta1"];

    [Fact]
    public async Task compose_is_as_the_compose_specification_has_it()
    {
        var deployment = await Deployment.LoadAsync();
        Assert.Empty((await CheckAsync("compose.mjs", deployment.Compose)).Faults);

        deployment.Compose["services"]!["catalog"]!["netwrok_mode"] = "host";
        deployment.Compose["services"]!["catalog"]!["read_only"] = new JsonArray();
        var faults = (await CheckAsync("compose.mjs", deployment.Compose)).Faults;
        Assert.Contains(faults, fault => fault.Contains("netwrok_mode", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("/services/catalog/read_only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task manifests_are_as_the_api_of_kubernetes_has_them()
    {
        var deployment = await Deployment.LoadAsync();
        var objects = deployment.Kubernetes.Values.SelectMany(list => list).Where(o => !WithoutSchema.Contains(o.Text("apiVersion"))).ToList();
        var answer = await CheckAsync("manifests.mjs", All(objects));
        Assert.Empty(answer.Faults);
        Assert.Equal(objects.Count, answer.Checked);

        deployment.Object("town", "Deployment", "catalog")!["spec"]!["template"]!["spec"]!["containers"]![0]!["livenessProbes"] = new JsonObject();
        deployment.Object("town", "Deployment", "gateway")!["spec"]!["replicas"] = "one";
        deployment.Object("region", "HorizontalPodAutoscaler", "gateway")!["apiVersion"] = "autoscaling/v9";
        var faults = (await CheckAsync("manifests.mjs", All(objects))).Faults;
        Assert.Contains(faults, fault => fault.StartsWith("Deployment/catalog", StringComparison.Ordinal) && fault.Contains("livenessProbes", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("Deployment/gateway", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.StartsWith("HorizontalPodAutoscaler/gateway", StringComparison.Ordinal));
    }

    private static JsonArray All(IEnumerable<JsonObject> objects) => [.. objects.Select(o => o.DeepClone())];

    private static async Task<Answer> CheckAsync(string script, JsonNode input)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, input.ToJsonString());
            return JsonSerializer.Deserialize<Answer>(await Node.RunAsync(script, file), JsonSerializerOptions.Web)!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed record Answer(int Checked, string[] Faults);
}
