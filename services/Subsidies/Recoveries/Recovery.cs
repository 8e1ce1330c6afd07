namespace Marketplace.Subsidies.Recoveries;

/// <summary>Aid that was taken back.</summary>
/// <param name="Id">Its id; the document of its ledger entries.</param>
/// <param name="Number">Of the titre de recettes, <c>TR-2026-000001</c>, by year in Europe/Paris without gaps; null when all of it was released.</param>
/// <param name="GrantId">The grant.</param>
/// <param name="CommitmentId">Its commitment.</param>
/// <param name="ProgrammeId">Its programme.</param>
/// <param name="Siren">The business.</param>
/// <param name="RecoveredCents">Claimed back of what was paid, in cents.</param>
/// <param name="ReleasedCents">Not paid yet and back in the envelope, in cents.</param>
/// <param name="Reason">Why.</param>
/// <param name="RecordedBy">By whom.</param>
/// <param name="RecordedAt">When (UTC).</param>
public sealed record Recovery(
    Guid Id, string? Number, Guid GrantId, Guid CommitmentId, Guid ProgrammeId, string Siren, long RecoveredCents, long ReleasedCents, string Reason, Guid RecordedBy, DateTime RecordedAt)
{
    /// <summary>Reads from <c>recovery r</c> and <c>aid_grant g</c>, in the record's order.</summary>
    public const string Select =
        """
        select r.id, r.number, r.grant_id, g.commitment_id, r.programme_id, g.siren, r.recovered_cents, r.released_cents, r.reason, r.recorded_by, r.recorded_at
        from recovery r join aid_grant g on g.id = r.grant_id
        """;
}

/// <summary>Aid was taken back; for the history of the commitment.</summary>
public sealed record AidRecovered(Guid RecoveryId, string? Number, Guid GrantId, Guid ProgrammeId, long RecoveredCents, long ReleasedCents, string Reason, int Version);
