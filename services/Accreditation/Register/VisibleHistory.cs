using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;

namespace Marketplace.Accreditation.Register;

/// <summary>A history as the caller may see it: a provider learns what the town's staff did, not which person did it.</summary>
public static class VisibleHistory
{
    /// <summary>All of it for assessors; for others, only the providers' own people are named.</summary>
    public static IReadOnlyList<RecordedFact> For(Caller caller, IReadOnlyList<RecordedFact> history) => caller.Has(Roles.Assessor)
        ? history
        : [.. history.Select(f => f.ActorRole?.Split(',').Contains(Roles.Provider) == true ? f : f with { Actor = null })];
}
