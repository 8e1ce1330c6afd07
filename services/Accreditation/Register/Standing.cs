using Marketplace.Platform.Answers;

namespace Marketplace.Accreditation.Register;

/// <summary>
/// The states of an accreditation (DOMAIN §4): <c>active → suspended → active | withdrawn</c>, withdrawn from active
/// too; both end as <c>expired</c> when their validity does.
/// </summary>
public static class Standing
{
    public const string Active = "active";
    public const string Suspended = "suspended";
    public const string Withdrawn = "withdrawn";
    public const string Expired = "expired";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Active, Suspended, Withdrawn, Expired];

    /// <summary>
    /// Whether an accreditation may become <paramref name="next"/>; null when it may, else 409 <c>wrong-status</c>. One
    /// whose end has passed is expired, whether or not that was recorded yet.
    /// </summary>
    /// <param name="status">The recorded status.</param>
    /// <param name="validUntil">The effective end, exclusive (UTC).</param>
    /// <param name="next">Active (reinstated), suspended or withdrawn.</param>
    /// <param name="now">UTC.</param>
    public static Problem? Refuses(string status, DateTime validUntil, string next, DateTime now)
    {
        var present = status is Active or Suspended && validUntil <= now ? Expired : status;
        var may = next switch
        {
            Active => present == Suspended,
            Suspended => present == Active,
            Withdrawn => present is Active or Suspended,
            _ => false,
        };
        return may
            ? null
            : Problem.Conflict(
                "wrong-status",
                "The present status does not allow this.",
                $"The accreditation is {present}; it cannot become {next}.",
                new Dictionary<string, object?> { ["currentStatus"] = present });
    }
}
