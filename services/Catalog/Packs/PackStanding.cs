namespace Marketplace.Catalog.Packs;

/// <summary>
/// Where a pack stands (its <c>status</c>), and how that moves. A pack that its provider wants listed is
/// <see cref="Listed"/> while an active accreditation covers it and <see cref="Delisted"/> while none does (DOMAIN §1).
/// </summary>
public static class PackStanding
{
    /// <summary>Never listed so far; known to its provider only.</summary>
    public const string Draft = "draft";

    /// <summary>May be ordered.</summary>
    public const string Listed = "listed";

    /// <summary>Would be listed, but no active accreditation covers it.</summary>
    public const string Delisted = "delisted";

    /// <summary>Taken back by its provider.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>The provider lists it. Null is the refusal <c>not-accredited</c>.</summary>
    public static string? WhenListed(bool covered) => covered ? Listed : null;

    /// <summary>The provider changes its terms. Null is the refusal <c>not-accredited</c>: what is listed stays covered.</summary>
    /// <param name="status">Where it stands.</param>
    /// <param name="covered">Whether an active accreditation covers the new terms.</param>
    public static string? WhenChanged(string status, bool covered) => status switch
    {
        Listed => covered ? Listed : null,
        Delisted => covered ? Listed : Delisted,
        _ => status,
    };

    /// <summary>Some accreditation of its provider changed.</summary>
    /// <param name="status">Where it stands.</param>
    /// <param name="covered">Whether an active accreditation covers it now.</param>
    public static string WhenAccreditationChanged(string status, bool covered) => status switch
    {
        Listed or Delisted => covered ? Listed : Delisted,
        _ => status,
    };
}
