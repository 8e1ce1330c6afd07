using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>Checks a campaign file, and gathers every fault with its path.</summary>
internal sealed class CheckFields
{
    public List<string> Faults { get; } = [];

    /// <summary>A list of keyed objects.</summary>
    public List<CampaignEntry> Entries(JsonObject parent, string list, FieldRule[] rules)
    {
        var entries = new List<CampaignEntry>();
        foreach (var (fields, n) in Objects(parent, list, "").Select((fields, n) => (fields, n)))
        {
            var path = $"{list}[{n}]";
            Fields(fields, path, [new("key", FieldKind.Text), .. rules]);
            var key = fields["key"] is JsonValue value ? value.ToString() : "";
            if (entries.Any(entry => entry.Key == key) && key.Length > 0)
            {
                Faults.Add($"{path}.key: '{key}' is there twice");
            }

            entries.Add(new CampaignEntry(key, fields));
        }

        return entries;
    }

    /// <summary>The objects of a list.</summary>
    public IEnumerable<JsonObject> Objects(JsonObject parent, string list, string path)
    {
        var where = path.Length == 0 ? list : $"{path}.{list}";
        if (parent[list] is not JsonArray array)
        {
            Faults.Add($"{where}: a list of objects is needed");
            return [];
        }

        Faults.AddRange(array.Select((item, n) => (item, n)).Where(at => at.item is not JsonObject).Select(at => $"{where}[{at.n}]: an object is needed"));
        return array.OfType<JsonObject>();
    }

    /// <summary>Checks fields against their rules.</summary>
    public void Fields(JsonObject fields, string path, FieldRule[] rules)
    {
        foreach (var rule in rules)
        {
            var value = fields[rule.Name];
            if (value is null ? rule.IsRequired : !Is(value, rule.Kind))
            {
                Faults.Add($"{path}.{rule.Name}: {Needed(rule.Kind)} is needed");
            }
        }
    }

    /// <summary>Checks that a field of each entry is the key of an entry of another list.</summary>
    public void References(IReadOnlyList<CampaignEntry> entries, string list, string field, IReadOnlyList<CampaignEntry> known, string knownList)
    {
        for (var n = 0; n < entries.Count; n++)
        {
            Key(entries[n].Fields, $"{list}[{n}]", field, known, knownList);
        }
    }

    /// <summary>A key of another list; null when there is none, or nothing has it.</summary>
    public string? Key(JsonObject fields, string path, string field, IReadOnlyList<CampaignEntry> known, string knownList) =>
        fields[field] is JsonValue value && Is(value, FieldKind.Text) ? Known(value.ToString(), $"{path}.{field}", known, knownList) : null;

    /// <summary>A list of keys of another list of the same name.</summary>
    public List<string> Keys(JsonObject fields, string path, string field, IReadOnlyList<CampaignEntry> known) =>
        fields[field] is { } value && Is(value, FieldKind.Texts)
            ? value.AsArray().Select((key, n) => Known(key!.ToString(), $"{path}.{field}[{n}]", known, field)).OfType<string>().ToList()
            : [];

    private string? Known(string key, string path, IReadOnlyList<CampaignEntry> known, string knownList)
    {
        if (known.Any(entry => entry.Key == key))
        {
            return key;
        }

        Faults.Add($"{path}: nothing in {knownList} has the key '{key}'");
        return null;
    }

    private static bool Is(JsonNode value, FieldKind kind) => kind switch
    {
        FieldKind.Text => value.GetValueKind() == JsonValueKind.String && value.ToString().Length > 0,
        FieldKind.Number => value is JsonValue number && number.TryGetValue<long>(out _),
        FieldKind.Texts => value is JsonArray texts && texts.All(text => text is not null && Is(text, FieldKind.Text)),
        FieldKind.Objects => value is JsonArray objects && objects.All(item => item is JsonObject),
        FieldKind.SomeObjects => value is JsonArray { Count: > 0 } && Is(value, FieldKind.Objects),
        _ => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
    };

    private static string Needed(FieldKind kind) => kind switch
    {
        FieldKind.Text => "a text",
        FieldKind.Number => "a whole number",
        FieldKind.Texts => "a list of texts",
        FieldKind.Objects => "a list of objects",
        FieldKind.SomeObjects => "a list with at least one object",
        _ => "true or false",
    };
}
