using System.Text.Json.Nodes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Metadata of an object: at most 50 keys of 40 characters with values of 500.</summary>
public static class Metadata
{
    /// <summary>Merges what was sent into the object: <c>metadata=</c> clears all, <c>metadata[k]=</c> clears one key.</summary>
    public static void Merge(JsonObject node, Form form)
    {
        var metadata = node["metadata"] as JsonObject ?? [];
        if (form.Text("metadata") is "")
            metadata = [];
        else
            metadata = (JsonObject)metadata.DeepClone();
        foreach (var (key, value) in form.Children("metadata"))
        {
            if (key.Length > 40 || value.Length > 500 || key.AsSpan().ContainsAny('[', ']'))
                form.Refuse(Answer.Invalid("Metadata keys have up to 40 characters without brackets, values up to 500.", "metadata_invalid", "metadata"));
            if (value.Length == 0)
                metadata.Remove(key);
            else
                metadata[key] = value;
        }

        if (metadata.Count > 50)
            form.Refuse(Answer.Invalid("Metadata can have up to 50 keys.", "metadata_invalid", "metadata"));
        node["metadata"] = metadata;
    }
}
