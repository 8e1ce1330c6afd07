using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// One lock for every computation that moves money, held to the end of the transaction. What a commitment gets depends
/// on envelopes, on other commitments of its SIREN and on linked SIRENs, and returned money may reach any pool: a lock
/// per row would have to be taken on a set that is only known after the computation. One lock is right under any number
/// of instances; batches keep it short. The check on <c>programme</c> guards the money should anyone forget it.
/// </summary>
public static class MoneyLock
{
    private const long Key = 5_000_001;

    /// <summary>Waits for the lock. To be taken before anything is read that the computation rests on.</summary>
    public static Task TakeAsync(NpgsqlConnection db) => db.ExecuteAsync("select pg_advisory_xact_lock(@Key)", new { Key });
}
