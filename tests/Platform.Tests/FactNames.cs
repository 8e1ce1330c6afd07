using Marketplace.Events.Notes;
using Marketplace.Notes.Notes;
using Marketplace.Platform.Facts;

namespace Marketplace.Platform.Tests;

public sealed class FactNames
{
    [Theory]
    [InlineData(typeof(NoteWritten), "notes.note-written.v1", true)]
    [InlineData(typeof(NoteWrittenV2), "notes.note-written.v2", true)]
    [InlineData(typeof(NoteWeighed), "notes.note-weighed.v1", false)]
    [InlineData(typeof(Events.PooledOrders.PoolConfirmed), "pooled-orders.pool-confirmed.v1", true)]
    public void a_fact_is_named_after_its_publisher_its_record_and_its_version(Type fact, string name, bool isPublic)
    {
        Assert.Equal(name, FactName.Of(fact));
        Assert.Equal(isPublic, FactName.IsPublic(fact));
    }
}
