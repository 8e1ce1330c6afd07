using System.Globalization;
using System.Text;

namespace Marketplace.LocalSidecar.Routing;

internal enum CelTokenKind { Identifier, Text, Number, Symbol, End }

internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position, double Number = 0);

/// <summary>Cuts an expression into tokens; anything outside the subset is refused here or by the parser.</summary>
internal static class CelTokens
{
    private static readonly string[] Symbols = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ".", ",", "-"];

    public static List<CelToken> Read(string source)
    {
        var tokens = new List<CelToken>();
        var at = 0;
        while (at < source.Length)
        {
            var start = at;
            if (char.IsWhiteSpace(source[at]))
                at++;
            else if (char.IsAsciiLetter(source[at]) || source[at] == '_')
            {
                while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '_'))
                    at++;
                if (at < source.Length && source[at] is '"' or '\'')
                    throw new CelSyntaxException(source, start, "prefixed strings are not supported");
                tokens.Add(new CelToken(CelTokenKind.Identifier, source[start..at], start));
            }
            else if (char.IsAsciiDigit(source[at]))
                tokens.Add(ReadNumber(source, ref at));
            else if (source[at] is '"' or '\'')
                tokens.Add(new CelToken(CelTokenKind.Text, ReadText(source, ref at), start));
            else if (Array.Find(Symbols, symbol => source.AsSpan(start).StartsWith(symbol)) is { } found)
            {
                at += found.Length;
                tokens.Add(new CelToken(CelTokenKind.Symbol, found, start));
            }
            else
                throw new CelSyntaxException(source, at, $"'{source[at]}' is not supported");
        }
        tokens.Add(new CelToken(CelTokenKind.End, "", source.Length));
        return tokens;
    }

    private static CelToken ReadNumber(string source, ref int at)
    {
        var start = at;
        while (at < source.Length && (char.IsAsciiLetterOrDigit(source[at]) || source[at] == '.' || (source[at] is '+' or '-' && source[at - 1] is 'e' or 'E')))
            at++;
        var text = source[start..at];
        return double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? new CelToken(CelTokenKind.Number, text, start, number)
            : throw new CelSyntaxException(source, start, $"number '{text}' is not supported");
    }

    private static string ReadText(string source, ref int at)
    {
        var start = at;
        var quote = source[at++];
        if (source.AsSpan(start).StartsWith(new string(quote, 3)))
            throw new CelSyntaxException(source, start, "triple-quoted strings are not supported");
        var text = new StringBuilder();
        while (at < source.Length && source[at] != quote)
        {
            if (source[at] != '\\')
            {
                text.Append(source[at++]);
                continue;
            }
            text.Append((at + 1 < source.Length ? source[at + 1] : '\0') switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' => '\\',
                '"' => '"',
                '\'' => '\'',
                _ => throw new CelSyntaxException(source, at, "this escape is not supported"),
            });
            at += 2;
        }
        if (at == source.Length)
            throw new CelSyntaxException(source, start, "the string does not end");
        at++;
        return text.ToString();
    }
}
