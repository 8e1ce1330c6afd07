using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.Notes.Notes;

/// <summary>For the history only.</summary>
public sealed record NoteFellDue(Guid NoteId);

/// <summary>Marks notes whose time has come.</summary>
public sealed class RemindOfDueNotes(Session session, FactLog facts, TimeProvider clock) : IDueWork
{
    public async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await session.BeginAsync(ct);
        var db = await session.OpenAsync(ct);
        var due = await db.QueryAsync<Guid>("update note set status = 'due', version = version + 1 where status = 'new' and due_at <= @now and title <> 'hangs' returning id", new { now });
        foreach (var id in due)
        {
            await facts.AppendAsync(id, 2, new NoteFellDue(id), ct);
        }

        await session.CommitAsync(ct);
    }
}

/// <summary>Fails as a call does that took too long, while there is a due note called "hangs".</summary>
public sealed class HangWithNote(Session session, TimeProvider clock) : IDueWork
{
    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        if (await db.ExecuteScalarAsync<bool>("select exists (select from note where title = 'hangs' and due_at <= @now)", new { now = clock.GetUtcNow().UtcDateTime }))
        {
            throw new TaskCanceledException("A neighbour did not answer in time.");
        }
    }
}
