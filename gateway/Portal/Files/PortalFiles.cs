using System.Text.Json;
using Marketplace.Platform.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Portal.Files;

/// <summary>A file that a page takes and the API keeps.</summary>
/// <param name="Path">Route template below <c>/fichiers</c>, and below <c>/api</c>.</param>
/// <param name="Method">The API's method.</param>
/// <param name="MostBytes">The API's limit.</param>
/// <param name="Role">Who may send one.</param>
/// <param name="Fields">Fields that are passed on in the query.</param>
/// <param name="Page">Where the reader goes back to, with the route's values and, when it was taken, the API's answer.</param>
public sealed record UploadedFile(string Path, HttpMethod Method, long MostBytes, string Role, string[] Fields, Func<RouteValueDictionary, JsonElement?, string> Page);

/// <summary>
/// Files between the browser and the API, below <c>/fichiers</c>: the same paths as below <c>/api</c>, with the session's
/// token instead of a header that a link or a form cannot send. Only what is named here; nothing is kept or buffered.
/// </summary>
public static class PortalFiles
{
    /// <summary>Where they lie.</summary>
    public const string Root = "/fichiers";

    /// <summary>What may be saved; queries are passed on (<c>?format=csv&amp;culture=fr</c>).</summary>
    private static readonly string[] Downloads =
    [
        "accreditation/applications/{id:guid}/evidence/{key:regex(^[a-z0-9-]+$)}",
        "pools/{id:guid}/orders",
        "pools/provider-shares/export",
        "pools/card-reconciliation/export",
        "subsidies/payment-runs/{id:guid}/pain001",
        "subsidies/reconciliation/export",
        "subsidies/provider-shares",
        "subsidies/reports/{name:regex(^[a-z0-9-]+$)}",
    ];

    private static readonly UploadedFile[] Uploads =
    [
        new("accreditation/applications/{id:guid}/evidence/{key:regex(^[a-z0-9-]+$)}", HttpMethod.Put, 10 << 20, Roles.Provider, ["expiresOn"], (route, _) => $"/agrement/{route["id"]}"),
        new("subsidies/bank-statements", HttpMethod.Post, 256 << 20, Roles.Finance, [],
            (_, receipt) => receipt is { } r && r.TryGetProperty("id", out var id) ? $"/finances/releves/{id}?nouveaux={r.GetProperty("imported")}&connus={r.GetProperty("alreadyKnown")}" : "/finances/releves"),
    ];

    /// <summary>Room for the other fields of a form, and to refuse what is a little too large with an answer instead of a broken connection.</summary>
    private const long Slack = 54L << 20;

    /// <summary>How large an upload may be before the connection is closed on it; null for every other request.</summary>
    public static long? OwnLimit(HttpRequest request) => !request.Path.StartsWithSegments(Root, out var rest) || HttpMethods.IsGet(request.Method)
        ? null
        : Uploads.Where(u => rest.Value!.StartsWith($"/{u.Path.Split("/{")[0]}", StringComparison.Ordinal)).Select(u => (long?)(u.MostBytes + Slack)).FirstOrDefault();

    /// <summary>Maps them. Uploads: <c>PUT</c> with the file as the body and the antiforgery token in its header, or <c>POST</c> of a form.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in Downloads)
        {
            routes.MapGet($"{Root}/{path}", (HttpContext context, FileTransfer transfer) => transfer.DownloadAsync(context)).RequireAuthorization().ExcludeFromDescription();
        }

        foreach (var file in Uploads)
        {
            routes.MapMethods($"{Root}/{file.Path}", ["PUT", "POST"], (HttpContext context, FileTransfer transfer) => transfer.UploadAsync(context, file))
                .RequireAuthorization(new AuthorizeAttribute { Roles = file.Role })
                .WithMetadata(new RequestSizeLimitAttribute(file.MostBytes + Slack))
                .DisableAntiforgery()
                .ExcludeFromDescription();
        }
    }
}
