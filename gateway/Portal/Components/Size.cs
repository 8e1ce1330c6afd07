using Marketplace.Portal.Texts;

namespace Marketplace.Portal.Components;

/// <summary>How large a file is, in the reader's words.</summary>
public static class Size
{
    /// <summary>Kibibytes, rounded up.</summary>
    public static string Of(Wording t, long bytes) => $"{t.Number((bytes + 1023) / 1024)}\u00a0{(t == Wording.French ? "Kio" : "KiB")}";
}
