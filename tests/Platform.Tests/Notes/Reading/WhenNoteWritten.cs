using System.Diagnostics;
using Dapper;
using Marketplace.Events.Notes;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Reading;

/// <summary>Counts how often a note was heard of; the inbox makes it once.</summary>
public sealed class WhenNoteWritten(Session session) : IRequestHandler<Received<NoteWritten>>
{
    public async Task<Unit> Handle(Received<NoteWritten> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(
            "insert into heard (note_id, times, trace) values (@NoteId, 1, @trace) on conflict (note_id) do update set times = heard.times + 1",
            new { request.Fact.NoteId, trace = Activity.Current?.TraceId.ToString() });
        return request.Fact.Title == "unbearable" ? throw new InvalidOperationException("This note cannot be borne.") : Unit.Value;
    }
}
