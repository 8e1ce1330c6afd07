using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.Platform.Answers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Platform.Requests;

/// <summary>
/// Makes every failing answer a problem document: input that cannot be bound (400), sizes (413), unknown paths (404);
/// what is left is a bug, logged, and told as 500 without its inside.
/// </summary>
public sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    /// <summary>Handles one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            await ((Answer)Problem.Invalid("", "The address holds a NUL character.")).ExecuteAsync(context);
            return;
        }

        if (IsOfAnotherCharset(context.Request.ContentType))
        {
            await ((Answer)StatusProblem(415)!).ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await ((Answer)Explain(e)).ExecuteAsync(context);
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Unexpected(log, e, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await ((Answer)new Problem(500, "internal-error", "Something went wrong on our side.", "The failure was recorded; trying again later may help.")).ExecuteAsync(context);
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null } && StatusProblem(context.Response.StatusCode) is { } problem)
        {
            await ((Answer)problem).ExecuteAsync(context);
        }
    }

    /// <summary>Bodies are UTF-8; ASP.NET Core would take an unknown (or quoted) character set for a bug of ours when it reads the body.</summary>
    private static bool IsOfAnotherCharset(string? contentType) =>
        contentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) == true
        && MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.Charset is { Length: > 0 } charset
        && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static Problem? StatusProblem(int status) => status switch
    {
        404 => new Problem(404, "not-found", "There is nothing at this address."),
        405 => new Problem(405, "method-not-allowed", "This address does not take this method."),
        413 => BodyLimits.TooLarge,
        415 => new Problem(415, "unsupported-media-type", "This media type is not accepted here."),
        _ => null,
    };

    private static Problem Explain(BadHttpRequestException e) => e switch
    {
        InvalidParameterException parameter => Problem.Invalid(parameter.Parameter, parameter.Message),
        { StatusCode: not 400 } when StatusProblem(e.StatusCode) is { } problem => problem,
        { InnerException: JsonException json } => Problem.Invalid(PathOf(json), MessageOf(json)),
        _ when BoundParameter().Match(e.Message) is { Success: true } match => Problem.Invalid(match.Groups[1].Value, "The value is not acceptable."),
        _ => Problem.Invalid("", "The request could not be read; a JSON body is expected."),
    };

    private static string PathOf(JsonException e) => e.Path is null or "$" ? "" : e.Path.StartsWith("$.", StringComparison.Ordinal) ? e.Path[2..] : e.Path;

    private static string MessageOf(JsonException e) =>
        e.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "The value has the wrong type or is out of range."
        : e.Message.Contains("LineNumber", StringComparison.Ordinal) ? "The JSON is malformed."
        : e.Message;

    [GeneratedRegex("parameter \"[^\"]*?(\\w+)\" from")]
    private static partial Regex BoundParameter();

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Unexpected(ILogger log, Exception e, string method, PathString path);
}

/// <summary>401 and 403 as problem documents.</summary>
public sealed class AuthorizationProblems : IAuthorizationMiddlewareResultHandler
{
    /// <inheritdoc />
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        var problem = context.User.Identity?.IsAuthenticated == true
            ? Problem.Forbidden("Your role does not include this.")
            : new Problem(401, "not-signed-in", "You are not signed in.", "Send a valid access token as Authorization: Bearer.");
        if (problem.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await ((Answer)problem).ExecuteAsync(context);
    }
}
