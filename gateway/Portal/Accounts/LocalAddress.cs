namespace Marketplace.Portal.Accounts;

/// <summary>Where a reader is led after a sign-in: a page of ours, whatever the address they came with says.</summary>
public static class LocalAddress
{
    private const int Longest = 2_000;

    /// <summary>The path, when no browser takes it for another site and a header can carry it; else null. Browsers read a backslash as a slash and drop tabs and line breaks.</summary>
    public static string? Of(string? path) =>
        path is ['/', .. var rest] && path.Length <= Longest && !rest.StartsWith('/') && path.All(c => c is > ' ' and <= '~' and not '\\') ? path : null;
}
