namespace Marketplace.Portal.Finance;

/// <summary>Account numbers as people read them.</summary>
public static class Iban
{
    /// <summary>In groups of four.</summary>
    public static string Spaced(string? iban) => iban is null ? "–" : string.Join('\u00a0', iban.Chunk(4).Select(c => new string(c)));
}
