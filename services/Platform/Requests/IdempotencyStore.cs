using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Storage;

namespace Marketplace.Platform.Requests;

/// <summary>First answers by caller and <c>Idempotency-Key</c> (API.md, Conventions).</summary>
public sealed class IdempotencyStore(Session session, Caller caller, TimeProvider clock)
{
    /// <summary>The problem with the key itself: required but absent (400), or longer than 255 characters (400).</summary>
    public static Problem? Refuses(string? key, bool required) => key switch
    {
        null when required => new Problem(400, "idempotency-key-required", "This call needs an Idempotency-Key header.", "Send a key of your own, at most 255 characters, and the same one when you retry."),
        { Length: 0 or > 255 } => Problem.Invalid("Idempotency-Key", "The key has 1 to 255 characters."),
        _ => null,
    };

    /// <summary>
    /// Takes the key for this transaction. A concurrent holder of the same key makes this call wait for its end.
    /// </summary>
    /// <returns>Null when the key is new; else the first answer, or 422 <c>idempotency-key-reused</c> when the request differs.</returns>
    public async Task<Answer?> ClaimAsync(string key, byte[] requestHash, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var isNew = await db.ExecuteAsync(
            "insert into idempotency (user_id, key, request_hash, at) values (@user, @key, @requestHash, @at) on conflict do nothing",
            new { user = caller.UserIdOrEmpty, key, requestHash, at = clock.GetUtcNow().UtcDateTime }) == 1;
        if (isNew)
        {
            return null;
        }

        var first = await db.QuerySingleAsync<FirstAnswer>(
            "select request_hash, status, body, location, version from idempotency where user_id = @user and key = @key",
            new { user = caller.UserIdOrEmpty, key });
        return first.Replay(requestHash);
    }

    /// <summary>Stores the answer beside the claimed key, in the same transaction.</summary>
    public async Task KeepAsync(string key, Answer answer, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync(
            "update idempotency set status = @Status, body = @body, location = @Location, version = @Version where user_id = @user and key = @key",
            new { answer.Status, body = answer.ToUtf8Json(), answer.Location, answer.Version, user = caller.UserIdOrEmpty, key });
    }
}

/// <summary>A stored first answer.</summary>
public sealed record FirstAnswer(byte[] RequestHash, int Status, byte[] Body, string? Location, long? Version)
{
    /// <summary>The first answer again, or 422 when the request is not the one that was answered.</summary>
    public Answer Replay(byte[] requestHash) => RequestHash.AsSpan().SequenceEqual(requestHash)
        ? Answer.Replay(Status, Body, Location, Version)
        : Problem.Unprocessable("idempotency-key-reused", "This Idempotency-Key was used for another request.", "Use a new key for a new request.");
}
