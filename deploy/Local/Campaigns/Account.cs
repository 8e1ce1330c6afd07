namespace Marketplace.Local.Campaigns;

/// <summary>Somebody who signs in, and the token of the moment.</summary>
public sealed class Account(string persona, string email, string password)
{
    /// <summary>The role it plays, for people to read.</summary>
    public string Persona { get; } = persona;

    public string Email { get; } = email;

    public string Password { get; } = password;

    internal string? Token { get; set; }

    internal DateTimeOffset TokenEnds { get; set; }

    /// <summary>One sign-in at a time.</summary>
    internal SemaphoreSlim SignsIn { get; } = new(1);
}
