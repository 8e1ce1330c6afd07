namespace Marketplace.Accreditation.Schemes;

/// <summary>The pack categories that an accreditation's scope is made of (DOMAIN §1).</summary>
public static class Categories
{
    /// <summary>All of them, in the words of the API.</summary>
    public static readonly string[] All = ["antivirus", "encrypted-backup", "firewall", "audit"];
}
