namespace Marketplace.Portal.Accounts;

/// <summary>A sign-in by the provider that waits for what its user has still to say.</summary>
public static class FirstTime
{
    /// <summary>The cookie that holds its ticket.</summary>
    public const string Cookie = "ticket";
}
