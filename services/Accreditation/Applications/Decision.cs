using Marketplace.Accreditation.Register;
using Marketplace.Platform.Answers;

namespace Marketplace.Accreditation.Applications;

/// <summary>Whether a person may decide an application, and whether it may be granted (DOMAIN §4).</summary>
public static class Decision
{
    /// <summary>
    /// Refuses with 409: <c>wrong-status</c> when it is not in review; <c>four-eyes</c> when the person evaluated it, in
    /// whichever round; and, for a grant only, <c>criteria-not-met</c> when the evaluation found a mandatory criterion
    /// not met, <c>evidence-expired</c> when a mandatory document ended so long ago that nothing would be left.
    /// </summary>
    /// <param name="status">The application's status.</param>
    /// <param name="evaluators">Everyone who evaluated it.</param>
    /// <param name="unmet">Criteria that the last evaluation found not met.</param>
    /// <param name="required">The mandatory criteria of its categories, with their documents.</param>
    /// <param name="decider">Who decides.</param>
    /// <param name="grant">True to grant, false to refuse.</param>
    /// <param name="now">The decision's instant (UTC).</param>
    public static Problem? Refuses(
        string status, IReadOnlyCollection<Guid> evaluators, IReadOnlyCollection<string> unmet, IReadOnlyCollection<RequiredEvidence> required, Guid decider, bool grant, DateTime now)
    {
        if (ApplicationStatus.Refuses(status, ApplicationStatus.Review) is { } refusal)
        {
            return refusal;
        }

        if (evaluators.Contains(decider))
        {
            return Problem.Conflict("four-eyes", "The person who decides is not one who evaluated.", "Another assessor has to decide this application.");
        }

        if (!grant)
        {
            return null;
        }

        var failed = required.Select(r => r.CriterionKey).Where(unmet.Contains).ToList();
        if (failed.Count > 0)
        {
            return Problem.Conflict(
                "criteria-not-met", "A mandatory criterion is not met.", $"The evaluation found {string.Join(", ", failed)} not met.", new Dictionary<string, object?> { ["keys"] = failed });
        }

        return Validity.EndOf(now, required.Select(r => r.ExpiresOn)) > now
            ? null
            : Problem.Conflict("evidence-expired", "A mandatory document has expired.", "Return the application for a document in force.");
    }
}
