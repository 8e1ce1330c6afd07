using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text.Json;
using Dapper;
using Npgsql;

namespace Marketplace.Gateway.Sessions;

/// <summary>
/// The sessions that ended before their tokens do. Services judge a token by its signature alone, so the gateway forwards
/// none that names one of these. Everything passes here: they are looked up in memory and read anew each second, the time
/// that another instance may take to refuse a session that was ended here.
/// </summary>
public sealed partial class EndedSessions(NpgsqlDataSource source, OpenSessions open, ILogger<EndedSessions> log) : BackgroundService
{
    private const string Scheme = "Bearer ";
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private volatile FrozenSet<Guid> ended = [];

    /// <summary>True when the header holds a token of an ended session; whether the token is genuine is not asked.</summary>
    public bool Refuses(string? authorization) =>
        authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true && IdOf(authorization.AsSpan(Scheme.Length).Trim()) is { } id && (ended.Contains(id) || open.WasForgotten(id));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Rest);
        do
        {
            try
            {
                await using var db = await source.OpenConnectionAsync(stoppingToken);
                var ids = await db.QueryAsync<Guid>("select id from session where ended_at is not null and expires_at > @now", new { now = TimeProvider.System.GetUtcNow().UtcDateTime });
                ended = ids.ToFrozenSet();
            }
            catch (NpgsqlException e)
            {
                Failed(log, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The <c>jti</c> of a token's payload; null when there is none.</summary>
    private static Guid? IdOf(ReadOnlySpan<char> token)
    {
        var start = token.IndexOf('.') + 1;
        var length = token[start..].IndexOf('.');
        if (start == 0 || length is < 1 or > 8_192)
        {
            return null;
        }

        try
        {
            var payload = new Utf8JsonReader(Base64Url.DecodeFromChars(token.Slice(start, length)));
            while (payload.Read())
            {
                if (payload.TokenType == JsonTokenType.PropertyName && payload.CurrentDepth == 1 && payload.ValueTextEquals("jti"u8))
                {
                    payload.Read();
                    return payload.TokenType == JsonTokenType.String && payload.TryGetGuid(out var id) ? id : null;
                }
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            // Whatever it is, it is no token of ours; the service says so.
        }

        return null;
    }

    [LoggerMessage(LogLevel.Warning, "Ended sessions were not read; it is tried again")]
    private static partial void Failed(ILogger log, Exception e);
}
