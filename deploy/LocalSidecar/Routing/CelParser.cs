namespace Marketplace.LocalSidecar.Routing;

/// <summary>Recursive descent over the tokens, one method per level of precedence.</summary>
internal sealed class CelParser(string text, string[] variables)
{
    private readonly List<CelToken> _tokens = CelTokens.Read(text);
    private int _at;

    private CelToken Current => _tokens[_at];

    public CelNode ParseAll()
    {
        var node = Or();
        return Current.Kind == CelTokenKind.End ? node : throw Unsupported();
    }

    private CelNode Or()
    {
        var left = And();
        while (Take("||"))
            left = CelOperators.Either(left, And());
        return left;
    }

    private CelNode And()
    {
        var left = Relation();
        while (Take("&&"))
            left = CelOperators.Both(left, Relation());
        return left;
    }

    private CelNode Relation()
    {
        var left = Unary();
        while (true)
        {
            var name = Current is { Kind: CelTokenKind.Symbol, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Kind: CelTokenKind.Identifier, Text: "in" }
                ? Current.Text
                : null;
            if (name is null)
                return left;
            _at++;
            left = CelOperators.Compare(name, left, Unary());
        }
    }

    private CelNode Unary()
    {
        if (Take("!"))
            return CelOperators.Not(Unary());
        if (Take("-"))
        {
            if (Current.Kind != CelTokenKind.Number)
                throw Unsupported();
            object number = -_tokens[_at++].Number;
            return _ => number;
        }
        return Member(Primary());
    }

    private CelNode Member(CelNode node)
    {
        while (true)
        {
            if (Take("."))
            {
                var name = Identifier();
                node = Take("(") ? Method(node, name) : CelOperators.Field(node, name);
            }
            else if (Take("["))
            {
                node = CelOperators.Index(node, Or());
                Expect("]");
            }
            else
                return node;
        }
    }

    private CelNode Method(CelNode target, string name)
    {
        if (name is not ("startsWith" or "endsWith" or "contains" or "matches"))
            throw new CelSyntaxException(text, Current.Position, $"function '{name}' is not supported");
        var argument = Or();
        Expect(")");
        return CelOperators.TextTest(name, target, argument);
    }

    private CelNode Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case CelTokenKind.Text:
                _at++;
                return _ => token.Text;
            case CelTokenKind.Number:
                _at++;
                object number = token.Number;
                return _ => number;
            case CelTokenKind.Identifier:
                return Name();
            case CelTokenKind.Symbol when Take("("):
                var inner = Or();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when Take("["):
                return List();
            default:
                throw Unsupported();
        }
    }

    private CelNode Name()
    {
        var name = Identifier();
        if (name is "true" or "false")
        {
            object value = name == "true";
            return _ => value;
        }
        if (name == "null")
            return _ => null;
        if (name == "has" && Take("("))
            return Has();
        return variables.Contains(name)
            ? variable => variable(name)
            : throw new CelSyntaxException(text, Current.Position, $"'{name}' is not known");
    }

    private CelNode Has()
    {
        var start = _at;
        var node = Primary();
        string? last = null;
        CelNode? parent = null;
        while (Take("."))
        {
            parent = node;
            last = Identifier();
            node = CelOperators.Field(node, last);
        }
        if (parent is null || !Take(")"))
            throw new CelSyntaxException(text, _tokens[start].Position, "has() takes a field, as in has(event.subject)");
        return CelOperators.HasField(parent, last!);
    }

    private CelNode List()
    {
        var items = new List<CelNode>();
        while (!Take("]"))
        {
            if (items.Count > 0)
                Expect(",");
            items.Add(Or());
        }
        return variable => items.Select(item => item(variable)).ToArray();
    }

    private string Identifier() => Current.Kind == CelTokenKind.Identifier ? _tokens[_at++].Text : throw Unsupported();

    private bool Take(string symbol)
    {
        if (Current.Kind != CelTokenKind.Symbol || Current.Text != symbol)
            return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw new CelSyntaxException(text, Current.Position, $"'{symbol}' expected");
    }

    private CelSyntaxException Unsupported() => new(text, Current.Position, Current.Kind == CelTokenKind.End ? "it ends too early" : $"'{Current.Text}' is not supported here");
}
