using Dapper;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Ledger;

namespace Marketplace.Subsidies.Grants;

/// <summary>An amount of one grant that moves on, or back.</summary>
/// <param name="GrantId">The grant.</param>
/// <param name="ProgrammeId">Its programme.</param>
/// <param name="AmountCents">In cents, > 0.</param>
/// <param name="Reverses">The ledger entry that this corrects.</param>
public sealed record GrantMove(Guid GrantId, Guid ProgrammeId, long AmountCents, long? Reverses = null);

/// <summary>Where money moves to, and why.</summary>
/// <param name="From">The account it leaves (<see cref="Accounts"/>, from granted on).</param>
/// <param name="To">The account it reaches.</param>
/// <param name="Status">The grants' new status (<see cref="GrantStatus"/>).</param>
/// <param name="Reason">Of the ledger entries, in hyphenated words.</param>
/// <param name="Document">The payment run, statement, exception or titre that it rests on.</param>
/// <param name="Note">A reason in words.</param>
public sealed record Step(string From, string To, string Status, string Reason, Guid? Document = null, string? Note = null);

/// <summary>
/// The one way in which a grant's money moves from stage to stage after it was granted: the grant's cumulative amounts,
/// its envelope and the ledger, in one transaction and in bounded batches. The caller holds <see cref="MoneyLock"/> and
/// has seen that the grants hold the amounts in the stage they leave; the checks of the table refuse anything else.
/// </summary>
public sealed class MoveAid(Session session, GeneralLedger ledger)
{
    private const int BatchSize = 10_000;

    /// <summary>The stages whose cumulative column a grant has, in order.</summary>
    private static readonly string[] Stages = [Accounts.Granted, Accounts.Committed, Accounts.ServiceDone, Accounts.Ordered, Accounts.Paid];

    /// <summary>Moves the amounts.</summary>
    public async Task RunAsync(IEnumerable<GrantMove> moves, Step step, CancellationToken ct)
    {
        foreach (var batch in moves.Chunk(BatchSize))
        {
            await GrantsAsync(batch, step);
            await EnvelopesAsync(batch, step);
            await ledger.AppendAsync(batch.Select(m => new Posting(m.ProgrammeId, step.To, step.From, m.AmountCents, step.Reason, m.GrantId, step.Document, step.Note, m.Reverses)), ct);
        }
    }

    /// <summary>What a move adds to the cumulative amount of a stage: 1 when it is reached, −1 when it is left backwards, else 0.</summary>
    public static int Sign(string stage, Step step)
    {
        var (at, from, to) = (Array.IndexOf(Stages, stage), Index(step.From), Index(step.To));
        return from < at && at <= to ? 1 : to < at && at <= from ? -1 : 0;
    }

    private static int Index(string account) => account == Accounts.Recovered ? Stages.Length - 1 : Array.IndexOf(Stages, account);

    private async Task GrantsAsync(GrantMove[] batch, Step step)
    {
        var db = await session.OpenAsync();
        await db.ExecuteAsync(
            """
            update aid_grant g set status = @Status, committed_cents = committed_cents + m.cents * @committed, service_done_cents = service_done_cents + m.cents * @serviceDone,
              ordered_cents = ordered_cents + m.cents * @ordered, paid_cents = paid_cents + m.cents * @paid, recovered_cents = recovered_cents + m.cents * @recovered
            from unnest(@ids, @cents) as m (id, cents) where g.id = m.id
            """,
            new
            {
                step.Status,
                committed = Sign(Accounts.Committed, step),
                serviceDone = Sign(Accounts.ServiceDone, step),
                ordered = Sign(Accounts.Ordered, step),
                paid = Sign(Accounts.Paid, step),
                recovered = step.To == Accounts.Recovered ? 1 : 0,
                ids = batch.Select(m => m.GrantId).ToArray(),
                cents = batch.Select(m => m.AmountCents).ToArray(),
            });
    }

    /// <summary>An envelope only tells granted, paid and recovered apart.</summary>
    private async Task EnvelopesAsync(GrantMove[] batch, Step step)
    {
        var (from, to) = (Envelope(step.From), Envelope(step.To));
        if (from == to)
        {
            return;
        }

        var db = await session.OpenAsync();
        var sums = batch.GroupBy(m => m.ProgrammeId).Select(g => (Id: g.Key, Cents: g.Sum(m => m.AmountCents))).OrderBy(s => s.Id).ToList();
        await db.ExecuteAsync(
            $"update programme p set {from} = {from} - m.cents, {to} = {to} + m.cents from unnest(@ids, @cents) as m (id, cents) where p.id = m.id",
            new { ids = sums.Select(s => s.Id).ToArray(), cents = sums.Select(s => s.Cents).ToArray() });
    }

    private static string Envelope(string account) => account switch
    {
        Accounts.Paid => "paid_cents",
        Accounts.Recovered => "recovered_cents",
        _ => "granted_cents",
    };
}
