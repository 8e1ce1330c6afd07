namespace Marketplace.Gateway.Documentation;

/// <summary>The language of a page: French unless the reader prefers English (<c>?lang=</c>, then <c>Accept-Language</c>).</summary>
public sealed record Language(string Code)
{
    /// <summary>Français.</summary>
    public static readonly Language French = new("fr");

    /// <summary>English.</summary>
    public static readonly Language English = new("en");

    /// <summary>What this request asks for.</summary>
    public static Language Of(HttpRequest request)
    {
        if (request.Query["lang"] is [{ } chosen])
        {
            return chosen == "en" ? English : French;
        }

        var preferred = request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => l.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(l => l is "fr" or "en");
        return preferred == "en" ? English : French;
    }

    /// <summary>The text in this language.</summary>
    public string Say(string french, string english) => this == French ? french : english;
}
