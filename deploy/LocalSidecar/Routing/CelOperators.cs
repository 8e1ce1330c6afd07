using System.Text.Json;
using System.Text.RegularExpressions;

namespace Marketplace.LocalSidecar.Routing;

/// <summary>What the operators of the CEL subset mean.</summary>
internal static class CelOperators
{
    // CEL's && and || do not care about the order: an error on one side is no error when the other side decides.
    public static CelNode Both(CelNode left, CelNode right) => variable => Decide(left, right, variable, decisive: false);

    public static CelNode Either(CelNode left, CelNode right) => variable => Decide(left, right, variable, decisive: true);

    public static CelNode Not(CelNode operand) => variable => !Bool(operand(variable));

    public static CelNode Compare(string name, CelNode left, CelNode right) => name switch
    {
        "==" => variable => AreEqual(left(variable), right(variable)),
        "!=" => variable => !AreEqual(left(variable), right(variable)),
        "<" => variable => Order(left(variable), right(variable)) < 0,
        "<=" => variable => Order(left(variable), right(variable)) <= 0,
        ">" => variable => Order(left(variable), right(variable)) > 0,
        ">=" => variable => Order(left(variable), right(variable)) >= 0,
        _ => variable => Contains(right(variable), left(variable)),
    };

    public static CelNode Field(CelNode target, string name) => variable => Find(target(variable), name, out var value)
        ? value
        : throw new CelRuntimeException($"no such field: {name}");

    public static CelNode HasField(CelNode target, string name) => variable => Find(target(variable), name, out _);

    public static CelNode Index(CelNode target, CelNode index) => variable => (target(variable), index(variable)) switch
    {
        (JsonElement { ValueKind: JsonValueKind.Object } map, string key) when Find(map, key, out var value) => value,
        (JsonElement { ValueKind: JsonValueKind.Array } list, double at) when at >= 0 && at < list.GetArrayLength() && at == Math.Floor(at) => Value(list[(int)at]),
        (object?[] list, double at) when at >= 0 && at < list.Length && at == Math.Floor(at) => list[(int)at],
        _ => throw new CelRuntimeException("no such index"),
    };

    public static CelNode TextTest(string name, CelNode target, CelNode argument) => variable =>
    {
        if (target(variable) is not string text || argument(variable) is not string other)
            throw new CelRuntimeException($"{name} needs text");
        return name switch
        {
            "startsWith" => text.StartsWith(other, StringComparison.Ordinal),
            "endsWith" => text.EndsWith(other, StringComparison.Ordinal),
            "contains" => text.Contains(other, StringComparison.Ordinal),
            _ => Matches(text, other),
        };
    };

    /// <summary>A JSON value as the operators see it.</summary>
    public static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => element,
    };

    private static bool Matches(string text, string pattern)
    {
        try
        {
            // As RE2, which CEL uses, the non-backtracking engine needs time linear in the text.
            return Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new CelRuntimeException($"pattern '{pattern}' is not supported");
        }
    }

    private static object Decide(CelNode left, CelNode right, Func<string, object?> variable, bool decisive)
    {
        try
        {
            if (Bool(left(variable)) == decisive)
                return decisive;
        }
        catch (CelRuntimeException)
        {
            if (Bool(right(variable)) == decisive)
                return decisive;
            throw;
        }
        return Bool(right(variable));
    }

    private static bool Bool(object? value) => value as bool? ?? throw new CelRuntimeException("a yes or no was expected");

    private static bool Find(object? target, string name, out object? value)
    {
        value = null;
        if (target is not JsonElement { ValueKind: JsonValueKind.Object } map)
            throw new CelRuntimeException($"'{name}' is asked of something that has no fields");
        if (!map.TryGetProperty(name, out var found))
            return false;
        value = Value(found);
        return true;
    }

    private static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b),
        (null or bool or double or string, null or bool or double or string) => Equals(left, right),
        _ => Items(left) is { } a && Items(right) is { } b && a.Length == b.Length && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
    };

    private static int Order(object? left, object? right) => (left, right) switch
    {
        (double a, double b) => a.CompareTo(b),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        _ => throw new CelRuntimeException("these values have no order"),
    };

    private static bool Contains(object? container, object? item)
    {
        if (container is JsonElement { ValueKind: JsonValueKind.Object } map)
            return item is string key && map.TryGetProperty(key, out _);
        return Items(container)?.Any(candidate => AreEqual(candidate, item)) ?? throw new CelRuntimeException("'in' needs a list or a map");
    }

    private static object?[]? Items(object? value) => value switch
    {
        object?[] items => items,
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Select(Value).ToArray(),
        _ => null,
    };
}
