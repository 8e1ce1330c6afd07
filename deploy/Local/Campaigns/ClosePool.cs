using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>The clock passes a pool's deadline; then everything that follows from it is waited for.</summary>
internal static class ClosePool
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Underway = ["pending", "committed", "confirmed", "payment-due"];

    /// <returns>How many commitments got more, in any programme, than was reserved for them just before.</returns>
    public static async Task<int> RunAsync(Stage stage, FilledPool filled, CancellationToken ct)
    {
        var reserved = (await Grants.OfPoolAsync(stage, filled.Id, ct))
            .Where(grant => grant.IsReserved)
            .ToDictionary(grant => (grant.CommitmentId, grant.ProgrammeId), grant => grant.ReservedCents);
        await MoveClock.PastAsync(stage, filled.ClosesAt, ct);
        await Stage.UntilAsync(
            () => stage.Api.GetAsync($"/api/pools/{filled.Id}", null, ct), pool => pool.OrThrow().Text("status") is not ("scheduled" or "open"), Interval,
            pool => $"the pool {filled.Pool.Key} has not closed: it is {pool.Text("status")}", ct);
        await Stage.UntilAsync(
            () => stage.Api.ListAsync($"/api/pools/{filled.Id}/commitments", stage.Town.Buyer, ct), commitments => !commitments.Any(IsUnderway), Interval,
            commitments => $"{commitments.Count(IsUnderway)} commitments of {filled.Pool.Key} are not settled ({string.Join(", ", commitments.Where(IsUnderway).Select(Status).Distinct())})", ct);
        var granted = await Stage.UntilAsync(
            () => Grants.OfPoolAsync(stage, filled.Id, ct), grants => !grants.Any(grant => grant.IsReserved), Interval,
            grants => $"{grants.Count(grant => grant.IsReserved)} reservations of {filled.Pool.Key} have neither been granted nor released", ct);
        stage.Step($"{filled.Pool.Key} closes");
        return granted
            .Where(grant => grant.GrantedCents > reserved.GetValueOrDefault((grant.CommitmentId, grant.ProgrammeId)))
            .Select(grant => grant.CommitmentId)
            .Distinct()
            .Count();
    }

    private static bool IsUnderway(JsonElement commitment) => Underway.Contains(Status(commitment));

    private static string? Status(JsonElement commitment) => commitment.GetProperty("status").GetString();
}
