namespace Marketplace.Portal.Accounts;

/// <summary>A browser as people know it, from what it says of itself.</summary>
public static class Device
{
    private static readonly (string Mark, string Name)[] Browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];

    private static readonly (string Mark, string Name)[] Systems = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];

    /// <summary>Such as <c>Firefox, Windows</c>; what it said, shortened, when nothing is recognised; null when it said nothing.</summary>
    public static string? Name(string userAgent)
    {
        var known = new[] { Find(Browsers, userAgent), Find(Systems, userAgent) }.OfType<string>().ToList();
        return known.Count > 0 ? string.Join(", ", known) : userAgent.Length == 0 ? null : userAgent[..Math.Min(userAgent.Length, 60)];
    }

    private static string? Find((string Mark, string Name)[] marks, string text) =>
        marks.Where(m => text.Contains(m.Mark, StringComparison.Ordinal)).Select(m => m.Name).FirstOrDefault();
}
