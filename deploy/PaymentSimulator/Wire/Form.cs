using System.Globalization;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Decoded parameters of one call, by their full bracket name (<c>metadata[order_id]</c>).</summary>
public sealed class Form
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>The first thing that is wrong with the parameters read so far; answered before anything is changed.</summary>
    public Answer? Problem { get; private set; }

    /// <summary>All names and values, sorted by name: equal for equal parameters in any order and encoding.</summary>
    public IEnumerable<KeyValuePair<string, string>> Sorted => _values.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Decodes a body or a query (without its question mark).</summary>
    public static Form Parse(string encoded)
    {
        var form = new Form();
        foreach (var pair in encoded.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            if (name.EndsWith("[]", StringComparison.Ordinal))
                name = $"{name[..^2]}[{form.Children(name[..^2]).Count()}]";
            if (name.Contains('\0', StringComparison.Ordinal) || value.Contains('\0', StringComparison.Ordinal))
                form.Problem ??= Answer.Invalid("Null characters are not allowed.", "parameter_invalid_string");
            form._values[name] = value;
        }

        return form;
    }

    /// <summary>The value; empty text means "clear"; <c>null</c> means "not sent".</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>The value, or <c>null</c> when it is absent or cleared.</summary>
    public string? Filled(string name) => Text(name) is { Length: > 0 } value ? value : null;

    /// <summary>A value that must be there.</summary>
    public string Required(string name)
    {
        if (Filled(name) is { } value)
            return value;
        Problem ??= Answer.Invalid($"Missing required param: {name}.", "parameter_missing", name);
        return "";
    }

    /// <summary>A whole number, or <c>null</c> when absent.</summary>
    public long? Number(string name)
    {
        if (Filled(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        Problem ??= Answer.Invalid($"Invalid integer: {text}", "parameter_invalid_integer", name);
        return null;
    }

    /// <summary>Whether the value is <c>true</c>; absent counts as false.</summary>
    public bool Flag(string name)
    {
        if (Filled(name) is not { } text)
            return false;
        if (text is not ("true" or "false"))
            Problem ??= Answer.Invalid($"Invalid boolean: {text}", "parameter_invalid_boolean", name);
        return text == "true";
    }

    /// <summary>One of the given values, or <c>null</c> when absent.</summary>
    public string? OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        var text = Filled(name);
        if (text is not null && !allowed.Contains(text))
            Problem ??= Answer.Invalid($"Invalid {name}: must be one of {string.Join(", ", allowed!)}", "parameter_invalid_string", name);
        return text;
    }

    /// <summary>An absolute http or https address, or <c>null</c> when absent.</summary>
    public string? WebAddress(string name)
    {
        if (Filled(name) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))
            return address.AbsoluteUri;
        Problem ??= Answer.Invalid("Not a valid URL.", "url_invalid", name);
        return null;
    }

    /// <summary>The values of an array, in the order of their indices.</summary>
    public string[] Items(string name) =>
        [.. Children(name).OrderBy(child => int.TryParse(child.Key, out var index) ? index : int.MaxValue).Select(child => child.Value)];

    /// <summary>Names and values directly inside an object.</summary>
    public IEnumerable<KeyValuePair<string, string>> Children(string name) =>
        from pair in _values
        where pair.Key.Length > name.Length + 2 && pair.Key.StartsWith(name + "[", StringComparison.Ordinal) && pair.Key[^1] == ']'
        select KeyValuePair.Create(pair.Key[(name.Length + 1)..^1], pair.Value);

    /// <summary>Whether the parameter, or anything inside it, was sent.</summary>
    public bool Has(string name) => _values.ContainsKey(name) || Children(name).Any();

    /// <summary>Records a problem; the first one, or one that stands above all others, is answered.</summary>
    public void Refuse(Answer problem) => Problem = problem;

    /// <summary>Stripe refuses parameters that it does not know.</summary>
    public void AllowOnly(string[] names)
    {
        foreach (var name in _values.Keys)
        {
            var outer = name.IndexOf('[', StringComparison.Ordinal) is > 0 and var bracket ? name[..bracket] : name;
            if (outer != "expand" && !names.Contains(outer))
                Problem ??= Answer.Invalid($"Received unknown parameter: {outer}", "parameter_unknown", outer);
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
