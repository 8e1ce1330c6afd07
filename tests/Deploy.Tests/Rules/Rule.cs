using Marketplace.Deploy.Tests.Reading;

namespace Marketplace.Deploy.Tests.Rules;

/// <summary>Something that every deployment has to be.</summary>
/// <param name="Name">A sentence.</param>
/// <param name="Faults">Where it is not so.</param>
internal sealed record Rule(string Name, Func<Deployment, IEnumerable<string>> Faults)
{
    public static IReadOnlyList<Rule> All { get; } = [.. ComposeRules.All, .. DaprRules.All, .. KubernetesRules.All, .. AgreementRules.All, .. TelemetryRules.All];

    public override string ToString() => Name;
}
