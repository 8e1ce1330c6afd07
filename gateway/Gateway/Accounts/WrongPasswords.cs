using System.Security.Cryptography;
using System.Text;
using Dapper;
using Marketplace.Gateway.Sessions;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Storage;

namespace Marketplace.Gateway.Accounts;

/// <summary>How many wrong passwords are borne within how long.</summary>
/// <param name="Failures">From this many on, sign-in is refused.</param>
/// <param name="Within">Counted from the first of them.</param>
public sealed record Patience(int Failures, TimeSpan Within)
{
    /// <summary>For one account.</summary>
    public static readonly Patience WithAccount = new(10, TimeSpan.FromMinutes(5));

    /// <summary>For one network address, behind which a whole town may sit.</summary>
    public static readonly Patience WithAddress = new(300, TimeSpan.FromMinutes(1));

    /// <summary>How long sign-in stays refused; null when it is not.</summary>
    public TimeSpan? Refuses(int failures, DateTime since, DateTime now) =>
        failures >= Failures && since + Within > now ? since + Within - now : null;
}

/// <summary>
/// Counts wrong passwords per account and per address, in the database: an instance more or a restart forgives nothing.
/// E-mails without an account are counted like any other, so that the refusal does not tell which exist.
/// </summary>
public sealed class WrongPasswords(Session session, TimeProvider clock, IHttpContextAccessor http)
{
    /// <summary>429 while this e-mail or the request's address has to wait; null when it may try.</summary>
    public async Task<Problem?> RefusesAsync(string email, CancellationToken ct)
    {
        if (await WaitAsync(email, Client.Of(http.HttpContext!).Address, ct) is not { } wait)
        {
            return null;
        }

        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        http.HttpContext!.Response.Headers.RetryAfter = $"{seconds}";
        return new Problem(429, "too-many-attempts", "Too many wrong passwords.", $"Try again in {seconds} seconds.");
    }

    private async Task<TimeSpan?> WaitAsync(string email, string address, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var account = Account(email);
        var rows = await db.QueryAsync<(string Subject, int Failures, DateTime Since)>(
            "select subject, failures, since from sign_in_failure where subject = any(@subjects)",
            new { subjects = new[] { account, Address(address) } });
        var now = clock.GetUtcNow().UtcDateTime;
        return rows.Max(r => (r.Subject == account ? Patience.WithAccount : Patience.WithAddress).Refuses(r.Failures, r.Since, now));
    }

    /// <summary>Counts one more, and forgets old ones.</summary>
    public async Task CountAsync(string email, CancellationToken ct)
    {
        var address = Client.Of(http.HttpContext!).Address;
        var db = await session.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.ExecuteAsync(
            """
            insert into sign_in_failure as f (subject, failures, since)
            values (@account, 1, @now), (@address, 1, @now)
            on conflict (subject) do update set
              failures = case when f.since <= @now - (case f.subject when @account then @accountWindow else @addressWindow end) then 1 else f.failures + 1 end,
              since = case when f.since <= @now - (case f.subject when @account then @accountWindow else @addressWindow end) then @now else f.since end
            """,
            new { account = Account(email), address = Address(address), now, accountWindow = Patience.WithAccount.Within, addressWindow = Patience.WithAddress.Within });
        await db.ExecuteAsync(
            "delete from sign_in_failure where subject in (select subject from sign_in_failure where since < @before limit 100 for update skip locked)",
            new { before = now.AddHours(-1) });
    }

    /// <summary>The right password was given: the account starts anew.</summary>
    public async Task ForgiveAsync(string email, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync("delete from sign_in_failure where subject = @subject", new { subject = Account(email) });
    }

    private static string Account(string email) => "account:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Email.Key(email))));

    private static string Address(string address) => "address:" + address;
}
