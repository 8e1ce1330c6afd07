using Marketplace.Platform.Answers;
using Marketplace.Subsidies.Reports;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>What a reconciliation is of: the approved payment runs of a programme, by their execution dates.</summary>
/// <param name="ProgrammeId">One programme; absent: all.</param>
/// <param name="From">First day (Europe/Paris).</param>
/// <param name="To">The day after the last.</param>
public sealed record ReconciliationRequest(
    [FromQuery(Name = "programmeId")] Guid? ProgrammeId, [FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To)
{
    /// <summary>The days, or every one that is wrong.</summary>
    public (Period Period, Problem? Problem) Read()
    {
        var (from, to) = (Period.ParseDay(From), Period.ParseDay(To));
        var errors = new Dictionary<string, string[]>();
        if (From is not null && from is null)
        {
            errors["from"] = ["A day is expected, such as 2026-01-01."];
        }

        if (To is not null && to is null)
        {
            errors["to"] = ["A day is expected, such as 2027-01-01."];
        }
        else if (to <= from)
        {
            errors["to"] = ["The end lies after the start; it is the day after the last."];
        }

        return (new Period(from, to), errors.Count > 0 ? Problem.Invalid(errors) : null);
    }
}
