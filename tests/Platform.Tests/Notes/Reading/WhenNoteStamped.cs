using Dapper;
using Marketplace.Events.Notes;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Reading;

/// <summary>Counts stamps, many at a time. Ink called "poison" breaks it; "slow poison" breaks it as a call does that took too long.</summary>
public sealed class WhenNoteStamped(Session session) : IRequestHandler<ReceivedMany<NoteStamped>>
{
    public async Task<Unit> Handle(ReceivedMany<NoteStamped> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(
            "insert into counted (stamp_id, times) select unnest(@ids), 1 on conflict (stamp_id) do update set times = counted.times + 1",
            new { ids = request.Facts.Select(f => f.StampId).Order().ToArray() });
        if (request.Facts.Any(f => f.Ink == "slow poison"))
        {
            throw new TaskCanceledException("A neighbour did not answer in time.");
        }

        return request.Facts.Any(f => f.Ink == "poison") ? throw new InvalidOperationException("Poison.") : Unit.Value;
    }
}
