using System.Text;
using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Reads a whole statement in the ways the tests need it.</summary>
internal static class Reading
{
    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "BankStatements", "samples", name);

    public static async Task<(List<Movement> Movements, StatementSummary Summary)> OfAsync(Stream content, string? contentType = null)
    {
        var reading = await StatementReader.OpenAsync(content, contentType, TestContext.Current.CancellationToken);
        var movements = await reading.ReadAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        return (movements, reading.Summary);
    }

    public static Task<(List<Movement> Movements, StatementSummary Summary)> OfAsync(string content, string? contentType = null) =>
        OfAsync(Encoding.UTF8.GetBytes(content), contentType);

    public static Task<(List<Movement> Movements, StatementSummary Summary)> OfAsync(byte[] content, string? contentType = null) =>
        OfAsync(new MemoryStream(content), contentType);

    /// <summary>The file must be refused on this line, in words that hold all of these.</summary>
    public static Task RefusedAsync(string content, int line, params string[] words) => RefusedAsync(Encoding.UTF8.GetBytes(content), line, words);

    public static async Task RefusedAsync(byte[] content, int line, params string[] words)
    {
        var fault = await Assert.ThrowsAsync<StatementFaultException>(() => OfAsync(content));
        Assert.All(words, word => Assert.Contains(word, fault.Reason, StringComparison.Ordinal));
        Assert.True(fault.Line == line, $"Line {line} expected: {fault.Message}");
    }
}
