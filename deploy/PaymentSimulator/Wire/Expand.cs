using System.Text.Json.Nodes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Replaces ids by the objects they name (<c>expand[0]=latest_charge</c>, <c>data.source</c> on lists).</summary>
public static class Expand
{
    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["latest_charge"] = ["charge"],
        ["charge"] = ["charge"],
        ["customer"] = ["customer"],
        ["payment_method"] = ["payment_method"],
        ["payment_intent"] = ["payment_intent"],
        ["balance_transaction"] = ["balance_transaction"],
        ["mandate"] = ["mandate"],
        ["destination"] = ["account"],
        ["source_transaction"] = ["charge"],
        ["source"] = ["charge", "refund", "transfer", "transfer_reversal", "payout", "dispute"],
    };

    /// <summary>The answer with every asked expansion, or the refusal of one that does not exist.</summary>
    public static async Task<Answer> Apply(Session session, Form form, Answer answer)
    {
        var paths = form.Items("expand");
        if (paths.Length == 0)
            return answer;
        var copy = (JsonObject)answer.Body.DeepClone();
        foreach (var path in paths)
        {
            if (!await Step(session, copy, path.Split('.'), 0))
                return Answer.Invalid($"This property cannot be expanded ({path}).", null, "expand");
        }

        return answer with { Body = copy };
    }

    private static async Task<bool> Step(Session session, JsonObject node, string[] path, int depth)
    {
        var name = path[depth];
        if (name == "data" && node["data"] is JsonArray items)
        {
            foreach (var item in items)
            {
                if (path.Length == 1 || !await Step(session, (JsonObject)item!, path, depth + 1))
                    return false;
            }

            return path.Length > 1;
        }

        if (!Kinds.TryGetValue(name, out var kinds) || !node.ContainsKey(name))
            return false;
        if (node[name] is JsonValue reference)
        {
            foreach (var kind in kinds)
            {
                if (await session.Load(kind, (string?)reference, toChange: false) is { } target)
                {
                    node[name] = target.DeepClone();
                    break;
                }
            }
        }

        return depth == path.Length - 1 || node[name] is not JsonObject inner || await Step(session, inner, path, depth + 1);
    }
}
