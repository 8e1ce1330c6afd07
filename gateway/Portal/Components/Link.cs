using Microsoft.AspNetCore.Http;

namespace Marketplace.Portal.Components;

/// <summary>Addresses of our pages.</summary>
public static class Link
{
    /// <summary>A path with those values of the query that are given.</summary>
    public static string To(string path, params (string Name, string? Value)[] query) =>
        path + QueryString.Create(query.Where(p => !string.IsNullOrWhiteSpace(p.Value)).Select(p => KeyValuePair.Create(p.Name, (string?)p.Value!.Trim())));
}
