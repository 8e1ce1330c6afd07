using Marketplace.Platform.Storage;

namespace Marketplace.Subsidies.Grants;

/// <summary>Returns the aid of commitments, reserved or granted, to the envelopes; the caller holds <see cref="MoneyLock"/>.</summary>
public sealed class ReleaseAid(Session session, SaveAid save)
{
    /// <summary>Writes and tells it. Those that are released already must not be among them.</summary>
    public async Task RunAsync(IReadOnlyList<Commitment> commitments, CancellationToken ct)
    {
        var book = await LoadAid.BookAsync(await session.OpenAsync(ct), commitments);
        foreach (var commitment in commitments)
        {
            book.Return(commitment);
        }

        await save.SaveAsync(commitments.Select(Released).ToList(), book.Movements, ct);
    }

    /// <summary>The outcome of a commitment that gets nothing any more.</summary>
    public static Outcome Released(Commitment commitment) =>
        new(commitment with { Status = Commitment.Released, AidVersion = commitment.AidVersion + 1 }, null, commitment.JoinedAt);
}
