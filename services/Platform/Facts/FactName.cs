using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Marketplace.Platform.Facts;

/// <summary>
/// The name of a fact from its record: <c>Marketplace.Events.PooledOrders.PoolConfirmed</c> is
/// <c>pooled-orders.pool-confirmed.v1</c>; a record named <c>PoolConfirmedV2</c> is <c>pooled-orders.pool-confirmed.v2</c>.
/// Records below <c>Marketplace.Events</c> are public: they go to the topic of the same name.
/// </summary>
public static partial class FactName
{
    private const string PublicNamespace = "Marketplace.Events.";
    private static readonly ConcurrentDictionary<Type, string> Names = new();

    /// <summary>The name; also the topic and the CloudEvent type of a public fact.</summary>
    public static string Of(Type fact) => Names.GetOrAdd(fact, Compose);

    /// <summary>True when other services are told.</summary>
    public static bool IsPublic(Type fact) => fact.Namespace?.StartsWith(PublicNamespace, StringComparison.Ordinal) == true;

    private static string Compose(Type fact)
    {
        var publisher = fact.Namespace!.Split('.')[IsPublic(fact) ? 2 : 1];
        var version = Version().Match(fact.Name);
        var name = version.Success ? fact.Name[..version.Index] : fact.Name;
        return $"{Kebab(publisher)}.{Kebab(name)}.v{(version.Success ? version.Groups[1].Value : "1")}";
    }

    private static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    [GeneratedRegex("V(\\d+)$")]
    private static partial Regex Version();
}
