using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using MediatR;

namespace Marketplace.Contracts.Tests;

/// <summary>Who publishes which fact and who listens to it, read from the assemblies of the services and the gateway.</summary>
internal static class PublicFacts
{
    private static readonly Assembly Events = Assembly.Load("Events");

    /// <summary>The services by the name of their topics.</summary>
    public static readonly IReadOnlyDictionary<string, Assembly> Services = new Dictionary<string, Assembly>
    {
        ["accreditation"] = Assembly.Load("Accreditation"),
        ["catalog"] = Assembly.Load("Catalog"),
        ["pooled-orders"] = Assembly.Load("PooledOrders"),
        ["subsidies"] = Assembly.Load("Subsidies"),
    };

    /// <summary>Who may listen, by the app-id of its subscriptions: the services, and the gateway, which tells people.</summary>
    public static readonly IReadOnlyDictionary<string, Assembly> Listeners = new Dictionary<string, Assembly>(Services) { ["gateway"] = Assembly.Load("Gateway") };

    /// <summary>Every record of <c>services/Events</c>, facts and their parts.</summary>
    public static IReadOnlyList<Type> Records { get; } = [.. Events.GetExportedTypes()];

    /// <summary>The records that are facts: those that are no part of another.</summary>
    public static IReadOnlyList<Type> Facts { get; } =
        [.. Records.Except(Records.SelectMany(r => r.GetProperties()).Select(p => p.PropertyType.GetElementType() ?? p.PropertyType)).OrderBy(FactName.Of, StringComparer.Ordinal)];

    /// <summary>The fact types that a listener's consumers handle, once per route.</summary>
    public static IReadOnlyList<Type> HandledBy(string listener) =>
    [
        .. Listeners[listener].GetTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false })
            .SelectMany(t => t.GetInterfaces())
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>))
            .Select(i => i.GenericTypeArguments[0])
            .Where(r => r.IsGenericType && (r.GetGenericTypeDefinition() == typeof(Received<>) || r.GetGenericTypeDefinition() == typeof(ReceivedMany<>)))
            .Select(r => r.GenericTypeArguments[0]),
    ];

    /// <summary>The facts that a service's code constructs: the constructors that its assembly refers to.</summary>
    public static IReadOnlySet<Type> MadeBy(string service)
    {
        using var file = new PEReader(File.OpenRead(Services[service].Location));
        var metadata = file.GetMetadataReader();
        return metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Where(m => m.Parent.Kind == HandleKind.TypeReference && metadata.StringComparer.Equals(m.Name, ".ctor"))
            .Select(m => metadata.GetTypeReference((TypeReferenceHandle)m.Parent))
            .Select(t => Events.GetType($"{metadata.GetString(t.Namespace)}.{metadata.GetString(t.Name)}"))
            .OfType<Type>()
            .ToHashSet();
    }
}
