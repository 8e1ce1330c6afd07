using System.Text;
using Marketplace.PaymentSimulator.Admin;
using Marketplace.PaymentSimulator.Time;
using Npgsql;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>What happens once its parameters are read; <paramref name="id"/> is the one of the path, if any.</summary>
public delegate Task<Answer> Operation(Session session, Form form, string id);

/// <summary>Every call of <c>/v1</c>: key, version, switches, idempotency, one transaction, answer.</summary>
public sealed partial class Api(NpgsqlDataSource database, TimeProvider time, Switches switches, Wake wake, ILogger<Api> log)
{
    /// <summary>The version that the simulator speaks.</summary>
    public const string Version = "2026-10-28.endive";

    /// <summary>Answers one call.</summary>
    /// <param name="context">The call.</param>
    /// <param name="operation">What it does.</param>
    /// <param name="parameters">The names it accepts.</param>
    public async Task Handle(HttpContext context, Operation operation, string[] parameters)
    {
        var request = context.Request;
        var requestId = Json.NewId("req");
        var key = HttpMethods.IsPost(request.Method) ? request.Headers["Idempotency-Key"].ToString() : "";
        context.Response.Headers["request-id"] = requestId;
        context.Response.Headers["stripe-version"] = request.Headers["Stripe-Version"] is { Count: > 0 } version ? version : Version;
        if (key.Length is > 0 and <= 255)
            context.Response.Headers["idempotency-key"] = key;

        try
        {
            if (Callers.Refuse(request, key) is { } refusal)
            {
                await Write(context, refusal);
                return;
            }

            if (switches.NextAnswer(request.Path) is { } injected)
            {
                context.Response.Headers["stripe-should-retry"] = "true";
                await Write(context, Answer.Error(injected, "api_error", "Injected by a test switch.", injected == 429 ? "rate_limit" : null));
                return;
            }

            var form = Form.Parse(await Parameters(request));
            form.AllowOnly(parameters);
            RefuseRetiredParameters(form, context.Response.Headers["stripe-version"].ToString());
            await Run(context, operation, form, key, requestId);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable)
        {
            context.Response.Headers["stripe-should-retry"] = "true";
            await Write(context, Answer.Error(429, "invalid_request_error", "This object cannot be accessed right now because another request is changing it.", "lock_timeout"));
        }
        catch (Exception e) when (e is not BadHttpRequestException && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, request.Path, requestId);
            await Write(context, Answer.Error(500, "api_error", "The payment simulator failed; see its log."));
        }
    }

    private async Task Run(HttpContext context, Operation operation, Form form, string key, string requestId)
    {
        var request = context.Request;
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var session = new Session(connection, time.GetUtcNow(), requestId, key.Length > 0 ? key : null, $"{request.Scheme}://{request.Host}");
        var fingerprint = key.Length > 0 ? Idempotency.Fingerprint(request.Method, request.Path, form) : [];
        if (key.Length > 0)
        {
            var finding = await Idempotency.Claim(session, key);
            if (finding.Stored is { } stored)
            {
                await Replay(context, stored, fingerprint);
                return;
            }

            if (!finding.Locked)
            {
                context.Response.Headers["stripe-should-retry"] = "true";
                await Write(context, Answer.Error(409, "idempotency_error", "Another request with the same Idempotency-Key is in progress.", "idempotency_key_in_use"));
                return;
            }
        }

        await switches.Slow(request.Path);
        var answer = form.Problem ?? await operation(session, form, context.GetRouteValue("id") as string ?? "");
        // A problem that a parameter's reading found while the operation decided: nothing has been written before the first flush.
        answer = form.Problem ?? answer;
        if (answer.Status == 200)
            answer = await Expand.Apply(session, form, answer);
        var body = answer.Body.Shown(session.Now).Write();
        if (answer.Stored && !HttpMethods.IsGet(request.Method))
        {
            // A declined card leaves its intent and charge behind; any other refusal leaves nothing.
            if (answer.Status is not (200 or 402))
                session.Discard();
            await session.Flush();
            if (key.Length > 0)
                await Idempotency.Store(session, key, fingerprint, answer.Status, body, requestId);
            await transaction.CommitAsync();
            if (session.HasNews)
                wake.Up();
        }

        if (switches.CutAfterCommit(request.Path))
        {
            context.Abort();
            return;
        }

        if (answer.Status == 402)
            context.Response.Headers["stripe-should-retry"] = "false";
        await Write(context, answer.Status, body);
    }

    private static async Task Replay(HttpContext context, Idempotency.StoredAnswer stored, byte[] fingerprint)
    {
        if (!stored.Fingerprint.AsSpan().SequenceEqual(fingerprint))
        {
            await Write(context, Answer.Error(400, "idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with."));
            return;
        }

        context.Response.Headers["idempotent-replayed"] = "true";
        context.Response.Headers["original-request"] = stored.Request;
        if (stored.Status == 402)
            context.Response.Headers["stripe-should-retry"] = "false";
        await Write(context, stored.Status, stored.Body);
    }

    private static async Task<string> Parameters(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
            return request.QueryString.Value is { Length: > 1 } query ? query[1..] : "";
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    private static void RefuseRetiredParameters(Form form, string version)
    {
        if (form.Has("payment_method_types") && string.CompareOrdinal(version, "2026-09-30") >= 0)
            form.Refuse(Answer.Invalid("payment_method_types can no longer be sent; use allowed_payment_method_types.", "payment_method_types_no_longer_supported", "payment_method_types"));
    }

    private static Task Write(HttpContext context, Answer answer) => Write(context, answer.Status, answer.Body.Write());

    private static Task Write(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Error, "{Path} failed as {RequestId}")]
    private partial void LogBug(Exception e, string path, string requestId);
}
