using Marketplace.Events.PooledOrders;

namespace Marketplace.Subsidies.Grants;

/// <summary>A commitment as its latest placement told it, and the state of its aid.</summary>
public sealed record Commitment(
    Guid Id,
    Guid PoolId,
    string Siren,
    string Departement,
    int? Headcount,
    long? TurnoverCents,
    string Category,
    Guid[] ProgrammeIds,
    long NetCents,
    DateTime JoinedAt,
    int PlacedVersion,
    string Status,
    int AidVersion,
    string? OrganisationName = null,
    string? Siret = null)
{
    /// <summary>Aid is held until the pool closes.</summary>
    public const string Reserved = "reserved";

    /// <summary>Aid was granted on the allocated net amount.</summary>
    public const string Granted = "granted";

    /// <summary>The aid returned to its envelopes, for good.</summary>
    public const string Released = "released";

    /// <summary>The commitment after a placement: a first one, or one that replaces <paramref name="held"/>, which keeps its turn.</summary>
    public static Commitment From(CommitmentPlaced placed, Commitment? held) => new(
        placed.CommitmentId,
        placed.PoolId,
        placed.Siren,
        placed.Departement,
        placed.Headcount,
        placed.TurnoverCents,
        placed.Category,
        placed.ProgrammeIds.Distinct().ToArray(),
        placed.ReservableNetCents,
        held?.JoinedAt ?? placed.JoinedAt,
        placed.Version,
        Reserved,
        (held?.AidVersion ?? 0) + 1,
        placed.OrganisationName,
        placed.Siret);
}
