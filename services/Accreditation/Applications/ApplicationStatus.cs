using Marketplace.Platform.Answers;

namespace Marketplace.Accreditation.Applications;

/// <summary>
/// The states of an application and the steps that each allows (DOMAIN §4, API.md): the evaluation is told in one call,
/// which moves a submitted application to review; what is returned for missing evidence is a draft again.
/// </summary>
public static class ApplicationStatus
{
    public const string Draft = "draft";
    public const string Submitted = "submitted";
    public const string Review = "review";
    public const string Granted = "granted";
    public const string Refused = "refused";

    /// <summary>The words a list may be filtered by; nothing rests in <c>evaluation</c>, which one call enters and leaves.</summary>
    public static readonly string[] All = [Draft, Submitted, "evaluation", Review, Granted, Refused];

    /// <summary>Null when the application is in one of the <paramref name="allowed"/> states, else 409 <c>wrong-status</c>.</summary>
    public static Problem? Refuses(string status, params ReadOnlySpan<string> allowed) => allowed.Contains(status)
        ? null
        : Problem.Conflict(
            "wrong-status",
            "The present status does not allow this.",
            $"The application is {status}; this needs {string.Join(" or ", allowed)}.",
            new Dictionary<string, object?> { ["currentStatus"] = status });
}
