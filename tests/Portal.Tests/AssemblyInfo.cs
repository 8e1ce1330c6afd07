using System.Runtime.CompilerServices;
using Microsoft.Playwright;

// Each collection runs a browser and a marketplace; two at a time would only take turns on a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Marketplace.Portal.Tests;

/// <summary>How long a page may take before a test gives up: a busy machine is slow, not wrong.</summary>
internal static class Patience
{
    [ModuleInitializer]
    internal static void Set() => Assertions.SetDefaultExpectTimeout(30_000);
}
