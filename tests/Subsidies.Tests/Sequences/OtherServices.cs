using System.Runtime.InteropServices;
using Marketplace.Events.PooledOrders;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>
/// Providers and pools as the other services tell of them. Each pool lives a life that makes sense; what is told of it is
/// delivered late, in any order and more than once.
/// </summary>
public sealed class OtherServices(Random random, CrashingService service)
{
    private static readonly string[] Categories = ["antivirus", "antivirus", "antivirus", "audit"];
    private readonly List<TestOrganisation> businesses = [.. Enumerable.Range(0, 7).Select(i => TestOrganisation.New(i == 0 ? "80" : i % 2 == 0 ? "59" : "62"))];
    private readonly List<TestProvider> providers = [TestProvider.New("Artois Cyber"), TestProvider.New("Lys Réseaux"), TestProvider.New("Sans compte", withIban: false)];
    private readonly List<Pool> open = [];
    private readonly List<(Pool Pool, CommitmentPlaced Placed, long NetCents)> toPay = [];
    private readonly List<(Pool Pool, CommitmentPlaced Placed, long NetCents)> toDeliver = [];
    private readonly List<Told> inFlight = [];
    private readonly List<Told> delivered = [];
    private long closings;

    private sealed record Pool(Guid Id, TestProvider Provider, Guid[] Programmes, string Category, List<CommitmentPlaced> Placed);

    /// <summary>Nothing is under way any more.</summary>
    public bool IsQuiet => inFlight.Count == 0;

    /// <summary>The providers become known.</summary>
    public void Begin() => providers.ForEach(p => Tell(p.Accredited()));

    /// <summary>Something happens somewhere; the programmes are those that exist.</summary>
    public void Happen(IReadOnlyList<Guid> programmes)
    {
        switch (random.Next(15))
        {
            case < 3 when open.Count < 3:
                Open(programmes);
                break;
            case 3 when Any(open) is { Placed.Count: > 0 } pool:
                Amend(pool);
                break;
            case 4 when Any(open) is { Placed.Count: > 0 } pool:
                Tell(Facts.Ended(Taken(pool.Placed)));
                break;
            case < 8 when open.Count > 0:
                Close(Taken(open));
                break;
            case < 12 when toPay.Count > 0:
                Repeat(4, toPay, Pay);
                break;
            default:
                Repeat(4, toDeliver, Deliver);
                break;
        }
    }

    /// <summary>What arrives now: some of what is under way, in any order, and now and then something that arrived before.</summary>
    public IReadOnlyList<Told> Arriving(int most)
    {
        random.Shuffle(CollectionsMarshal.AsSpan(inFlight));
        var arriving = inFlight.Take(random.Next(most + 1)).ToList();
        inFlight.RemoveRange(0, arriving.Count);
        if (delivered.Count > 0 && random.Next(3) == 0)
        {
            var old = delivered[random.Next(delivered.Count)];
            arriving.Add(random.Next(2) == 0 ? old : old with { EventId = Guid.CreateVersion7() });
        }

        return arriving;
    }

    /// <summary>It arrived; what came too early comes again.</summary>
    public void Arrived(Told told, Reply reply) => (reply.Again ? inFlight : delivered).Add(told);

    private void Open(IReadOnlyList<Guid> programmes)
    {
        var pool = new Pool(Guid.CreateVersion7(), providers[random.Next(providers.Count)], [.. programmes.Where(_ => random.Next(5) > 0)], Categories[random.Next(Categories.Length)], []);
        foreach (var business in businesses.Where(_ => random.Next(3) > 0))
        {
            var placed = Facts.Placed(pool.Id, random.Next(1, 4_000_00), pool.Programmes, business, pool.Category) with { JoinedAt = service.Now };
            pool.Placed.Add(placed);
            Tell(placed);
        }

        open.Add(pool);
    }

    private void Amend(Pool pool)
    {
        var at = random.Next(pool.Placed.Count);
        pool.Placed[at] = pool.Placed[at] with { ReservableNetCents = random.Next(1, 4_000_00), Version = pool.Placed[at].Version + 1 };
        Tell(pool.Placed[at]);
    }

    private void Close(Pool pool)
    {
        var allocated = pool.Placed.Where(_ => random.Next(5) > 0).Select(p => (pool, p, NetCents: p.ReservableNetCents - random.NextInt64(p.ReservableNetCents / 2 + 1))).ToList();
        if (allocated.Count == 0 || random.Next(6) == 0)
        {
            var cancelled = random.Next(2) == 0;
            Tell(Facts.PoolEnded(pool.Id) with { Outcome = cancelled ? "cancelled" : "failed", ClosingNumber = cancelled ? null : ++closings });
            return;
        }

        closings++;
        foreach (var part in Facts.Confirmed(pool.Id, random.Next(1, 3), [.. allocated.Select(a => (a.p, a.NetCents))]))
        {
            Tell(part with { ProviderId = pool.Provider.Id, ProviderName = pool.Provider.Organisation.Name, ConfirmedAt = service.Now, ClosingNumber = closings });
        }

        toPay.AddRange(allocated);
    }

    private void Pay((Pool Pool, CommitmentPlaced Placed, long NetCents) order)
    {
        if (random.Next(9) == 0)
        {
            Tell(Facts.Ended(order.Placed, "defaulted"));
            return;
        }

        Tell(Facts.Paid(order.Placed, order.Pool.Provider.Id));
        toDeliver.Add(order);
    }

    /// <summary>All of it, a part of it, or nothing.</summary>
    private void Deliver((Pool Pool, CommitmentPlaced Placed, long NetCents) order)
    {
        var tenths = random.Next(8) switch { 0 => 0, < 3 => random.Next(1, 10), _ => 10 };
        Tell(Facts.Accepted(order.Placed, order.NetCents * tenths / 10, tenths, order.Pool.Provider.Id) with { AcceptedAt = service.Now });
    }

    private void Repeat<T>(int most, List<T> list, Action<T> act)
    {
        for (var count = random.Next(1, most + 1); count > 0 && list.Count > 0; count--)
        {
            act(Taken(list));
        }
    }

    private void Tell(object fact)
    {
        var told = new Told(fact, Guid.CreateVersion7());
        inFlight.Add(told);
        if (random.Next(4) == 0)
        {
            inFlight.Add(random.Next(2) == 0 ? told : told with { EventId = Guid.CreateVersion7() });
        }
    }

    private Pool? Any(List<Pool> pools) => pools.Count == 0 ? null : pools[random.Next(pools.Count)];

    private T Taken<T>(List<T> list)
    {
        var at = random.Next(list.Count);
        var item = list[at];
        list.RemoveAt(at);
        return item;
    }
}
