using Marketplace.Portal.Api;
using Npgsql;

namespace Marketplace.Gateway.Mail;

/// <summary>
/// Letters of one kind, which wait in the database and are sent one after the other. A letter that cannot be handed over
/// is tried again, later each time. Any instance may send; a row's lock lets one.
/// </summary>
/// <param name="source">The database.</param>
/// <param name="rest">How long nothing is looked for after there was nothing left, unless <see cref="Wake"/> is called.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Hears of failures, never of what is in a letter.</param>
public abstract partial class Mailing(NpgsqlDataSource source, TimeSpan rest, TimeProvider clock, ILogger log) : BackgroundService
{
    private readonly SemaphoreSlim asked = new(0, 1);

    /// <summary>There is something to send.</summary>
    public void Wake()
    {
        if (asked.CurrentCount == 0)
        {
            try
            {
                asked.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another request woke it between the two lines: once is enough.
            }
        }
    }

    /// <summary>Sends the next letter that is due, and notes what became of it; what is written is committed when it returns.</summary>
    /// <param name="db">In a transaction.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>True when another may be waiting.</returns>
    protected abstract Task<bool> SendNextAsync(NpgsqlConnection db, DateTime now, CancellationToken ct);

    /// <summary>When a letter that could not be handed over is tried again: after one minute, then each time longer, up to <paramref name="longest"/>.</summary>
    /// <param name="now">The time (UTC).</param>
    /// <param name="tries">How often it failed before.</param>
    /// <param name="longest">The longest pause.</param>
    protected static DateTime NextTry(DateTime now, int tries, TimeSpan longest) => now + TimeSpan.FromMinutes(Math.Min(longest.TotalMinutes, 1 + tries));

    /// <summary>Address of a page, for a link in a letter.</summary>
    protected static Uri AddressOf(string path, IConfiguration configuration, PortalAddress portal) =>
        new(configuration["PublicAddress"] is { Length: > 0 } given ? new Uri(given) : portal.Api, path);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await SendNextAsync(stoppingToken))
                {
                }
            }
            catch (NpgsqlException e)
            {
                Failed(log, e, GetType().Name);
            }

            await asked.WaitAsync(rest, stoppingToken);
        }
    }

    private async Task<bool> SendNextAsync(CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var isMore = await SendNextAsync(db, clock.GetUtcNow().UtcDateTime, ct);
        await transaction.CommitAsync(ct);
        return isMore;
    }

    [LoggerMessage(LogLevel.Warning, "{Mailing}: letters were not sent; it is tried again")]
    private static partial void Failed(ILogger log, Exception e, string mailing);
}
