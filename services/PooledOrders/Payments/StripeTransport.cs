using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.Retry;

namespace Marketplace.PooledOrders.Payments;

/// <summary>Sends one call with Stripe's headers, retries it by the rules of wire contract §2.1, and reads the answer as a value.</summary>
public sealed partial class StripeTransport(HttpClient http, ILogger<StripeTransport> log)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    // Same key on every attempt, so a retry can repeat an answer but never an effect.
    private static readonly ResiliencePipeline<HttpResponseMessage> Retries = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 4,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = TimeSpan.FromSeconds(5),
            UseJitter = true,
            ShouldHandle = attempt => ValueTask.FromResult(IsWorthRetrying(attempt.Outcome)),
            DelayGenerator = attempt => ValueTask.FromResult(RetryAfter(attempt.Outcome.Result)),
        })
        .Build();

    internal Task<StripeAnswer<T>> PostAsync<T>(
        string path, StripeForm form, string idempotencyKey, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(idempotencyKey);
        return SendAsync(path, () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(form.ToString()) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
            return request;
        }, type, ct);
    }

    internal Task<StripeAnswer<T>> GetAsync<T>(string path, StripeForm query, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        var address = query.ToString() is { Length: > 0 } encoded ? $"{path}?{encoded}" : path;
        return SendAsync(path, () => new HttpRequestMessage(HttpMethod.Get, address), type, ct);
    }

    private async Task<StripeAnswer<T>> SendAsync<T>(
        string path, Func<HttpRequestMessage> newRequest, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        try
        {
            using var response = await Retries.ExecuteAsync(async token =>
            {
                using var request = newRequest();
                return await http.SendAsync(request, token);
            }, ct);
            var body = await response.Content.ReadAsByteArrayAsync(ct);
            var requestId = response.Headers.TryGetValues("request-id", out var ids) ? ids.First() : null;
            var replayed = response.Headers.TryGetValues("idempotent-replayed", out var flags) && flags.First() == "true";
            LogAnswer(path, (int)response.StatusCode, requestId, replayed);
            return Read(response.StatusCode, body, type, requestId, replayed);
        }
        catch (Exception e) when (IsLostConnection(e) && !ct.IsCancellationRequested)
        {
            LogNoAnswer(path, e.GetType().Name);
            return new(StripeOutcome.Unknown, null, new StripeError("api_connection_error"), null, false);
        }
    }

    private static StripeAnswer<T> Read<T>(HttpStatusCode status, byte[] body, JsonTypeInfo<T> type, string? requestId, bool replayed)
        where T : class
    {
        try
        {
            if ((int)status is >= 200 and < 300 && JsonSerializer.Deserialize(body, type) is { } value)
                return new(StripeOutcome.Success, value, null, requestId, replayed);
            var error = JsonSerializer.Deserialize(body, StripeJson.Default.StripeErrorBody)?.Error ?? new StripeError("api_error");
            return new(OutcomeOf(status, error), null, error, requestId, replayed);
        }
        catch (JsonException)
        {
            // Something between us and Stripe answered: whatever the status says, the effect is not known.
            return new(StripeOutcome.Unknown, null, new StripeError("api_error"), requestId, replayed);
        }
    }

    private static StripeOutcome OutcomeOf(HttpStatusCode status, StripeError error) => (int)status switch
    {
        402 => StripeOutcome.CardError,
        400 when error.Type == "idempotency_error" => StripeOutcome.IdempotencyMismatch,
        401 or 403 => StripeOutcome.Unauthorized,
        404 => StripeOutcome.NotFound,
        409 or 424 or 429 => StripeOutcome.Unknown,
        >= 400 and < 500 => StripeOutcome.InvalidRequest,
        _ => StripeOutcome.Unknown,
    };

    private static bool IsWorthRetrying(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: { } e } => IsLostConnection(e),
        { Result.StatusCode: HttpStatusCode.TooManyRequests } => true,
        { Result: { } response } when response.Headers.TryGetValues("stripe-should-retry", out var advice) => advice.First() == "true",
        { Result: { } response } => (int)response.StatusCode is 409 or 424 or >= 500,
        _ => false,
    };

    private static bool IsLostConnection(Exception e) =>
        e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException };

    private static TimeSpan? RetryAfter(HttpResponseMessage? response) =>
        response?.Headers.RetryAfter?.Delta is { } delta ? (delta < LongestWait ? delta : LongestWait) : null;

    [LoggerMessage(LogLevel.Information, "Stripe {Path} answered {Status} as {RequestId}, replayed {Replayed}")]
    private partial void LogAnswer(string path, int status, string? requestId, bool replayed);

    [LoggerMessage(LogLevel.Warning, "Stripe {Path} did not answer: {Reason}")]
    private partial void LogNoAnswer(string path, string reason);
}
