namespace Marketplace.LocalSidecar.Routing;

/// <summary>
/// A boolean expression in the part of CEL that routing rules use: == != &lt; &lt;= &gt; &gt;= &amp;&amp; || ! in, has(),
/// startsWith, endsWith, contains, matches, literals, lists, member and index access. Everything else is refused when it is read.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode _root;

    private CelExpression(string text, CelNode root)
    {
        Text = text;
        _root = root;
    }

    public string Text { get; }

    /// <param name="variables">The only names that may stand at the root of the expression.</param>
    /// <exception cref="CelSyntaxException">The text is not within the subset.</exception>
    public static CelExpression Parse(string text, params string[] variables) => new(text, new CelParser(text, variables).ParseAll());

    /// <exception cref="CelRuntimeException">A field is missing or a value has the wrong type.</exception>
    public bool IsTrue(Func<string, object?> variable) =>
        _root(variable) is bool result ? result : throw new CelRuntimeException($"'{Text}' is not a yes or no");
}

/// <summary>Values are null, bool, double, string, object?[] and JsonElement (object or array).</summary>
internal delegate object? CelNode(Func<string, object?> variable);

public sealed class CelSyntaxException(string text, int position, string problem)
    : Exception($"cannot read the expression '{text}' at {position}: {problem}");

public sealed class CelRuntimeException(string message) : Exception(message);
