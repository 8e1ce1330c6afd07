using System.Runtime.CompilerServices;
using Microsoft.Playwright;

// One marketplace and one browser for all; two classes of tests at a time, which is what two cores bear.
[assembly: AssemblyFixture(typeof(Marketplace.Portal.Tests.PortalFixture))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Marketplace.Portal.Tests;

/// <summary>How long a page may take before a test gives up: a busy machine is slow, not wrong.</summary>
internal static class Patience
{
    [ModuleInitializer]
    internal static void Set() => Assertions.SetDefaultExpectTimeout(30_000);
}
