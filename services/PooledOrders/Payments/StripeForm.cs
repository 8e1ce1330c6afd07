using System.Collections;
using System.Globalization;
using System.Text;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// Parameters of one Stripe call in Stripe's form encoding: <c>metadata[order_id]=o-1</c>, <c>expand[0]=latest_charge</c>.
/// </summary>
/// <remarks>
/// Accepted values: text, <see cref="bool"/>, whole numbers, <see cref="decimal"/>, <see cref="DateTimeOffset"/> (sent as unix
/// seconds), dictionaries with text keys, and sequences. <c>null</c> and the empty text are sent as <c>name=</c>, which clears the
/// field at Stripe; a parameter that is not added leaves it unchanged. Empty dictionaries and sequences send nothing.
/// Contract: the vectors of the official Node SDK, tests/PaymentSimulator.Tests/stripe-form-encoding.json.
/// </remarks>
public sealed class StripeForm
{
    private readonly StringBuilder _encoded = new();

    /// <summary>Adds a parameter; <c>null</c> clears it at Stripe.</summary>
    /// <exception cref="ArgumentException">The value is of a kind that has no form encoding.</exception>
    public StripeForm Add(string name, object? value)
    {
        Append(Escape(name), value);
        return this;
    }

    /// <summary>Adds a parameter unless it is <c>null</c>, which here means: leave unchanged.</summary>
    public StripeForm AddGiven(string name, object? value) => value is null ? this : Add(name, value);

    /// <summary>The body of a POST, or the query of a GET.</summary>
    public override string ToString() => _encoded.ToString();

    private void Append(string name, object? value)
    {
        switch (value)
        {
            case null: Pair(name, ""); break;
            case string text: Pair(name, Escape(text)); break;
            case bool flag: Pair(name, flag ? "true" : "false"); break;
            case DateTimeOffset instant: Pair(name, instant.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)); break;
            case int or long or decimal: Pair(name, ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)); break;
            case IEnumerable<KeyValuePair<string, object?>> fields:
                foreach (var (key, field) in fields)
                    Append($"{name}[{Escape(key)}]", field);
                break;
            case IEnumerable<KeyValuePair<string, string>> fields:
                foreach (var (key, field) in fields)
                    Append($"{name}[{Escape(key)}]", field);
                break;
            case IEnumerable items:
                var index = 0;
                foreach (var item in items)
                    Append($"{name}[{index++}]", item);
                break;
            default: throw new ArgumentException($"{value.GetType()} has no form encoding.", nameof(value));
        }
    }

    private void Pair(string name, string escapedValue) =>
        _encoded.Append(_encoded.Length == 0 ? "" : "&").Append(name).Append('=').Append(escapedValue);

    // Brackets stay literal, as the official SDK sends them.
    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%5B", "[", StringComparison.Ordinal).Replace("%5D", "]", StringComparison.Ordinal);
}
