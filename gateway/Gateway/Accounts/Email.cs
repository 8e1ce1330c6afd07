using System.Text.RegularExpressions;

namespace Marketplace.Gateway.Accounts;

/// <summary>E-mail addresses as sign-in names.</summary>
public static partial class Email
{
    /// <summary>The longest address that mail can carry (RFC 5321).</summary>
    public const int MaxLength = 254;

    /// <summary>What makes two spellings the same account: letters in lower case, no surrounding spaces.</summary>
    public static string Key(string email) => email.Trim().ToLowerInvariant();

    /// <summary>True for <c>name@domain.tld</c> without spaces or control characters.</summary>
    public static bool IsValid(string email) => email.Trim() is { Length: <= MaxLength } trimmed && Shape().IsMatch(trimmed);

    [GeneratedRegex(@"^[^\s@\p{C}""<>(),:;\\\[\]]{1,64}@[^\s@\p{C}""<>(),:;\\\[\].]+(\.[^\s@\p{C}""<>(),:;\\\[\].]+)+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Shape();
}
