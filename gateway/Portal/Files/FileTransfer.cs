using System.Net.Http.Headers;
using System.Text.Json;
using Marketplace.Platform.Requests;
using Marketplace.Portal.Api;
using Marketplace.Portal.Layout;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Marketplace.Portal.Files;

/// <summary>Passes a file between the browser and the API as it comes, with the session's token.</summary>
public sealed class FileTransfer(HttpClient http, PortalAddress address, IAntiforgery antiforgery, Reader reader)
{
    /// <summary>The header of the antiforgery token where the body is the file.</summary>
    private const string TokenHeader = "RequestVerificationToken";

    /// <summary>Files come from outside: browsers save them, and never render them or guess another type.</summary>
    public async Task DownloadAsync(HttpContext context)
    {
        using var request = await RequestAsync(context, HttpMethod.Get, context.Request.QueryString.Value);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        var response = context.Response;
        if (!answer.IsSuccessStatusCode)
        {
            // Shown by the portal's own pages.
            response.StatusCode = (int)answer.StatusCode == StatusCodes.Status403Forbidden ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound;
            return;
        }

        var headers = answer.Content.Headers;
        response.ContentType = headers.ContentType?.ToString() ?? "application/octet-stream";
        response.ContentLength = headers.ContentLength;
        response.Headers.ContentDisposition = headers.ContentDisposition is { DispositionType: "attachment" } given ? given.ToString() : "attachment";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.CacheControl = "private, no-store";
        await answer.Content.CopyToAsync(response.Body, context.RequestAborted);
    }

    /// <summary>
    /// Sends a file on. A script, which sends it as the body, is told <c>{location}</c> or <c>{message}</c>; a form is
    /// led to the page, with <c>?refus=</c> when the file was not taken.
    /// </summary>
    public async Task UploadAsync(HttpContext context, UploadedFile file)
    {
        var refusal = await TryUploadAsync(context, file);
        if (refusal.Code is not null && context.Request.ContentLength <= file.MostBytes + (54 << 20))
        {
            // What is left of the body is read, so that the browser hears the answer.
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }

        var values = context.Request.RouteValues;
        var page = file.Page(values, refusal.Receipt);
        if (HttpMethods.IsPut(context.Request.Method))
        {
            context.Response.StatusCode = refusal.Code is null ? StatusCodes.Status200OK : refusal.Status;
            await context.Response.WriteAsJsonAsync(
                refusal.Code is null ? new { location = page, message = "" } : new { location = "", message = FileRefusal.Sentence(reader.T, refusal.Code, refusal.Line, refusal.Fault) }, Json.Options, context.RequestAborted);
            return;
        }

        var query = refusal.Code is null ? [] : new Dictionary<string, string?> { ["refus"] = refusal.Code, ["ligne"] = refusal.Line, ["raison"] = refusal.Fault?.Kind, ["fichier"] = values["key"]?.ToString() }.Where(p => p.Value is not null);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = page + QueryString.Create(query);
    }

    private async Task<Outcome> TryUploadAsync(HttpContext context, UploadedFile file)
    {
        // Several fields of a form fit in the room; a body that is the file itself has none.
        if (context.Request.ContentLength > file.MostBytes + (HttpMethods.IsPut(context.Request.Method) ? 0 : 16 << 10))
        {
            return Outcome.Refused(413, "too-large");
        }

        var sent = HttpMethods.IsPut(context.Request.Method)
            ? new SentFile(context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString()), context.Request.ContentType, context.Request.Body, context.Request.ContentLength)
            : await SentFile.ReadFormAsync(context);
        if (sent?.Fields.GetValueOrDefault("__token") is { } token)
        {
            context.Request.Headers[TokenHeader] = token;
        }

        if (sent is null || !context.Request.Headers.ContainsKey(TokenHeader) || !await antiforgery.IsRequestValidAsync(context))
        {
            return Outcome.Refused(400, "page-too-old");
        }

        if (sent.Content is null)
        {
            return Outcome.Refused(400, "no-file");
        }

        var passed = file.Fields.Select(f => KeyValuePair.Create(f, sent.Fields.GetValueOrDefault(f))).Where(f => !string.IsNullOrEmpty(f.Value));
        using var request = await RequestAsync(context, file.Method, QueryString.Create(passed!).Value);
        request.Content = new StreamContent(sent.Content);
        request.Content.Headers.ContentLength = sent.Length;
        request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(sent.MediaType, out var type) ? type : new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.ExpectContinue = true;
        if (sent.Fields.GetValueOrDefault("key") is { Length: > 0 and <= 100 } key && key.All(char.IsAsciiLetterOrDigit))
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            var body = await answer.Content.ReadAsStringAsync(context.RequestAborted);
            return answer.IsSuccessStatusCode ? new Outcome(200, null, null, Parse<JsonElement>(body)) : Outcome.Of((int)answer.StatusCode, Parse<ApiProblem>(body));
        }
        catch (HttpRequestException)
        {
            return Outcome.Refused(502, "interrupted");
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpContext context, HttpMethod method, string? query)
    {
        context.Request.Path.StartsWithSegments(PortalFiles.Root, out var path);
        var request = new HttpRequestMessage(method, new Uri(address.Api, $"/api{path.ToUriComponent()}{query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await context.GetTokenAsync(MarketplaceApi.AccessToken));
        address.Introduce(request, context);
        return request;
    }

    private static T? Parse<T>(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Json.Options);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>What came of an upload: a receipt, or a code that <see cref="FileRefusal"/> has a sentence for.</summary>
    private sealed record Outcome(int Status, string? Code, string? Line, JsonElement? Receipt, StatementFault? Fault = null)
    {
        public static Outcome Refused(int status, string code) => new(status, code, null, null);

        public static Outcome Of(int status, ApiProblem? problem) => new(
            status, FileRefusal.CodeOf(problem?.Slug, problem?.Errors?.Keys), problem?.More?.GetValueOrDefault("line") is { ValueKind: JsonValueKind.Number } line ? line.ToString() : null, null,
            problem?.More?.GetValueOrDefault("reason") is { ValueKind: JsonValueKind.String } reason ? StatementFault.Of(reason.GetString()!) : null);
    }
}
