using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Playwright;
using Xunit.v3;

[assembly: Marketplace.Portal.Tests.ReadersLeave]

namespace Marketplace.Portal.Tests;

/// <summary>The browser contexts that a test opened; they go when it ends, so that none of them keeps the machine busy.</summary>
internal static class Readers
{
    private static readonly ConcurrentDictionary<string, ConcurrentBag<IBrowserContext>> Open = new();

    /// <summary>Remembers one of the test that runs.</summary>
    public static void Add(IBrowserContext context) => Open.GetOrAdd(TestContext.Current.Test?.UniqueID ?? "", _ => []).Add(context);

    /// <summary>Closes those of a test; a browser that is gone has closed them already.</summary>
    public static async Task CloseAsync(string test)
    {
        foreach (var context in Open.TryRemove(test, out var contexts) ? contexts : [])
        {
            try
            {
                await context.CloseAsync();
            }
            catch (PlaywrightException)
            {
            }
        }
    }
}

/// <summary>After each test.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class ReadersLeaveAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => _ = Readers.CloseAsync(test.UniqueID);
}
