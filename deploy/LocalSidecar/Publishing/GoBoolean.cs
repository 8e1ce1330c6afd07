namespace Marketplace.LocalSidecar.Publishing;

/// <summary>Booleans as Go's strconv reads them, which is what rawPayload takes.</summary>
internal static class GoBoolean
{
    /// <summary>Null when the text is none of them.</summary>
    public static bool? Parse(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };
}
