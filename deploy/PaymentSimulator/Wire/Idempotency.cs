using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>The stored answers of calls with an <c>Idempotency-Key</c> (wire contract §3), kept for 24 hours.</summary>
public static class Idempotency
{
    /// <summary>What is known about a key.</summary>
    /// <param name="Locked">This call owns the key until its transaction ends; otherwise another one is in flight.</param>
    /// <param name="Stored">The answer of the first call, if it is still kept.</param>
    public sealed record Finding(bool Locked, StoredAnswer? Stored);

    /// <summary>An answer given before.</summary>
    public sealed record StoredAnswer(byte[] Fingerprint, int Status, string Body, string Request);

    private const int KeptSeconds = 24 * 3600;

    /// <summary>Equal for calls with equal method, path and parameters.</summary>
    public static byte[] Fingerprint(string method, string path, Form form)
    {
        var text = new StringBuilder(method).Append(' ').Append(path);
        foreach (var (name, value) in form.Sorted)
            text.Append('\0').Append(name).Append('\0').Append(value);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Takes the key for this transaction and looks for a stored answer.</summary>
    public static async Task<Finding> Claim(Session session, string key)
    {
        // Two statements, so that the second sees what the lock's former owner committed.
        await using var batch = new NpgsqlBatch(session.Connection)
        {
            BatchCommands =
            {
                new("select pg_try_advisory_xact_lock(hashtextextended($1, 7221))") { Parameters = { new() { Value = key } } },
                new("select fingerprint, status, body, request from idempotency where key = $1 and created > $2")
                {
                    Parameters = { new() { Value = key }, new() { Value = session.Now - KeptSeconds } },
                },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.ReadAsync();
        var locked = reader.GetBoolean(0);
        await reader.NextResultAsync();
        return new(locked, await reader.ReadAsync()
            ? new(reader.GetFieldValue<byte[]>(0), reader.GetInt32(1), reader.GetString(2), reader.GetString(3))
            : null);
    }

    /// <summary>Keeps an answer, in the transaction of the effect. Only an expired one is ever replaced.</summary>
    public static async Task Store(Session session, string key, byte[] fingerprint, int status, string body, string request)
    {
        await using var command = new NpgsqlCommand("""
            insert into idempotency (key, fingerprint, status, body, request, created) values ($1, $2, $3, $4, $5, $6)
            on conflict (key) do update set fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
              request = excluded.request, created = excluded.created
            where idempotency.created <= $7
            """, session.Connection)
        {
            Parameters =
            {
                new() { Value = key }, new() { Value = fingerprint }, new() { Value = status }, new() { Value = body },
                new() { Value = request }, new() { Value = session.Now }, new() { Value = session.Now - KeptSeconds },
            },
        };
        if (await command.ExecuteNonQueryAsync() != 1)
            throw new InvalidOperationException("An idempotency key was about to be stored twice.");
    }
}
