using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>A sign-in by the provider that waits for what its user has still to say.</summary>
/// <param name="Id">Of the return from the provider.</param>
/// <param name="Told">What the provider told, sealed in between.</param>
public sealed record PendingSignIn(Guid Id, Told Told)
{
    /// <summary>How long it waits, by the system's clock.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>Notes a return from the provider; null when its state was used before.</summary>
    public static async Task<Guid?> ReturnedAsync(NpgsqlConnection db, string state, DateTime now)
    {
        var id = Guid.CreateVersion7();
        return await db.ExecuteAsync(
            "insert into external_sign_in (id, state_hash, at) values (@id, @hash, @now) on conflict on constraint external_sign_in_state do nothing",
            new { id, hash = Hash(state), now }) == 1 ? id : null;
    }

    /// <summary>Keeps what the provider told; returns the ticket that opens it.</summary>
    public static async Task<string> KeepAsync(NpgsqlConnection db, SealedSecrets seals, PendingSignIn pending)
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var told = seals.Seal(JsonSerializer.SerializeToUtf8Bytes(pending.Told, Json.Options), pending.Id);
        await db.ExecuteAsync("update external_sign_in set ticket_hash = @hash, told = @told where id = @Id", new { hash = Hash(ticket), told, pending.Id });
        return ticket;
    }

    /// <summary>What waits for the ticket; null when nothing does, or no more. It stays locked for the transaction, if there is one.</summary>
    public static async Task<PendingSignIn?> OfTicketAsync(NpgsqlConnection db, SealedSecrets seals, string ticket, DateTime now)
    {
        var row = await db.QuerySingleOrDefaultAsync<Row>(
            "select id, told from external_sign_in where ticket_hash = @hash and at > @since for update", new { hash = Hash(ticket), since = now - Lifetime });
        return row is not null && seals.Open(row.Told, row.Id) is { } told ? new PendingSignIn(row.Id, JsonSerializer.Deserialize<Told>(told, Json.Options)!) : null;
    }

    /// <summary>It was gone through with: the ticket opens nothing any more, and what was told is forgotten.</summary>
    public static Task UseAsync(NpgsqlConnection db, Guid id) => db.ExecuteAsync("update external_sign_in set ticket_hash = null, told = null where id = @id", new { id });

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record Row(Guid Id, byte[] Told);
}
