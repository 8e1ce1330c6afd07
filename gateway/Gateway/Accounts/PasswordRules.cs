namespace Marketplace.Gateway.Accounts;

/// <summary>Which passwords may be chosen. Length counts most; the rest keeps out what attackers try first.</summary>
public static class PasswordRules
{
    /// <summary>Fewest characters.</summary>
    public const int MinLength = 10;

    /// <summary>Most characters; longer ones only cost hashing time.</summary>
    public const int MaxLength = 256;

    private static readonly string[] Common =
    [
        "password", "passw0rd", "motdepasse", "azertyuiop", "azerty", "qwertyuiop", "qwerty", "qwertz", "administrateur", "administrator", "admin",
        "bienvenue", "welcome", "changeme", "changezmoi", "letmein", "iloveyou", "jetaime", "soleil", "doudou", "marseille", "football", "secret",
    ];

    /// <summary>What is wrong with the password, or null.</summary>
    /// <param name="password">As typed.</param>
    /// <param name="email">The account's e-mail, which must not serve as its password.</param>
    public static string? Refuses(string password, string? email)
    {
        if (password.Length is < MinLength or > MaxLength)
        {
            return $"The password has {MinLength} to {MaxLength} characters.";
        }

        if (Classes(password) < 2)
        {
            return "The password mixes at least two of: small letters, capital letters, digits, other characters.";
        }

        if (email is not null && Email.Key(email) is var key && (Same(password, key) || Same(password, key.Split('@')[0])))
        {
            return "The password is not the e-mail address.";
        }

        return IsCommon(password) ? "The password is too common." : null;
    }

    private static int Classes(string password) =>
        new[] { password.Any(char.IsLower), password.Any(char.IsUpper), password.Any(char.IsDigit), password.Any(c => !char.IsLetterOrDigit(c)) }.Count(x => x);

    /// <summary>A common word with digits and signs around it (<c>Password123!</c>), or a run of digits, is still common.</summary>
    private static bool IsCommon(string password)
    {
        var core = password.ToLowerInvariant().Trim([.. "0123456789!?.,;:*+-_#@$%&/= "]);
        return core.Length == 0 || Common.Contains(core);
    }

    private static bool Same(string password, string text) => string.Equals(password.Trim(), text, StringComparison.OrdinalIgnoreCase);
}
