using System.Text.Json.Nodes;

namespace Marketplace.Deploy.Tests.Reading;

/// <summary>
/// The part of kustomize that our files use: resources, namespace, images, config maps of literals and files (without the
/// hash in their names), and JSON patches. Anything else is refused rather than overlooked.
/// </summary>
internal static class Kustomize
{
    private static readonly string[] Understood = ["apiVersion", "kind", "resources", "namespace", "images", "labels", "configMapGenerator", "patches"];

    /// <summary>The objects that <c>kubectl kustomize FOLDER</c> would print.</summary>
    public static List<JsonObject> Render(string folder)
    {
        var kustomization = Yaml.Documents(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))).Single().AsObject();
        if (kustomization.FirstOrDefault(entry => !Understood.Contains(entry.Key)).Key is { } unknown)
        {
            throw new NotSupportedException($"{folder}: this reader does not know {unknown}.");
        }

        var objects = kustomization.Texts("resources").SelectMany(resource => Read(Path.Combine(folder, resource))).ToList();
        foreach (var generator in kustomization.Items("configMapGenerator"))
        {
            Generate(objects, generator, folder);
        }

        foreach (var patch in kustomization.Items("patches"))
        {
            var targets = objects.Where(o => o.Text("kind") == patch.Text("target/kind") && (patch.Text("target/name") ?? o.Text("metadata/name")) == o.Text("metadata/name")).ToList();
            if (targets.Count == 0)
            {
                throw new InvalidOperationException($"{folder}: no object for the patch of {patch.At("target")}.");
            }

            foreach (var operation in Yaml.Documents(patch.Text("patch")!).Single().AsArray())
            {
                targets.ForEach(target => Apply(target, operation!));
            }
        }

        foreach (var image in kustomization.Items("images"))
        {
            foreach (var container in objects.SelectMany(Containers).Where(c => c.Text("image") == image.Text("name")))
            {
                container["image"] = $"{image.Text("newName") ?? image.Text("name")}:{image.Text("newTag")}";
            }
        }

        if (kustomization.Text("namespace") is { } space)
        {
            objects.ForEach(o => o["metadata"]!["namespace"] = space);
        }

        return objects;
    }

    /// <summary>The containers of a workload, init containers included.</summary>
    public static IEnumerable<JsonObject> Containers(JsonNode workload) =>
        workload.Items("spec/template/spec/containers").Concat(workload.Items("spec/template/spec/initContainers")).Cast<JsonObject>();

    private static IEnumerable<JsonObject> Read(string resource) =>
        Directory.Exists(resource) ? Render(resource) : Yaml.Documents(File.ReadAllText(resource)).Cast<JsonObject>();

    private static void Generate(List<JsonObject> objects, JsonNode generator, string folder)
    {
        var name = generator.Text("name");
        var map = objects.FirstOrDefault(o => o.Text("kind") == "ConfigMap" && o.Text("metadata/name") == name);
        if ((map is not null) != (generator.Text("behavior") == "merge"))
        {
            throw new InvalidOperationException($"{folder}: the config map {name} is {(map is null ? "merged with nothing" : "there twice")}.");
        }

        if (map is null)
        {
            map = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject() };
            objects.Add(map);
        }

        foreach (var literal in generator.Texts("literals"))
        {
            map["data"]![literal[..literal.IndexOf('=')]] = literal[(literal.IndexOf('=') + 1)..];
        }

        foreach (var file in generator.Texts("files"))
        {
            map["data"]![Path.GetFileName(file)] = File.ReadAllText(Path.Combine(folder, file));
        }
    }

    private static void Apply(JsonObject target, JsonNode operation)
    {
        var path = operation.Text("path")!.TrimStart('/');
        var parent = path.Contains('/') ? target.At(path[..path.LastIndexOf('/')]) : target;
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (parent is not JsonObject map || !map.ContainsKey(name))
        {
            throw new InvalidOperationException($"{target.Text("kind")} {target.Text("metadata/name")} has nothing at /{path}.");
        }

        switch (operation.Text("op"))
        {
            case "replace":
                map[name] = operation["value"]?.DeepClone();
                break;
            case "remove":
                map.Remove(name);
                break;
            default:
                throw new NotSupportedException($"This reader does not know the operation {operation.Text("op")}.");
        }
    }
}
