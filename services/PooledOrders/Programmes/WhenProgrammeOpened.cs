using Dapper;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.Programmes;

/// <summary>Knows which funding programmes there are, so that a pool names only real ones.</summary>
public sealed class WhenProgrammeOpened(Session session) : IRequestHandler<Received<ProgrammeOpened>>
{
    public async Task<Unit> Handle(Received<ProgrammeOpened> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(
            """
            insert into programme (id, name, funder, version) values (@ProgrammeId, @Name, @Funder, @Version)
            on conflict (id) do update set name = excluded.name, funder = excluded.funder, version = excluded.version
            where programme.version < excluded.version
            """, request.Fact);
        return Unit.Value;
    }
}
