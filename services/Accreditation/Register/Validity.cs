namespace Marketplace.Accreditation.Register;

/// <summary>How long an accreditation holds (DOMAIN §4).</summary>
public static class Validity
{
    /// <summary>Months from the decision on.</summary>
    public const int Months = 24;

    /// <summary>Days that a mandatory document may have ended before the accreditation ends with it.</summary>
    public const int DaysAfterDocument = 30;

    /// <summary>
    /// The effective end, exclusive (UTC): the earlier of 24 months after the decision and, for each mandatory document
    /// that ends, its end + 30 days. A document ends as its day begins in UTC: intervals are half-open (DOMAIN §0).
    /// </summary>
    /// <param name="decidedAt">The decision's instant (UTC).</param>
    /// <param name="mandatoryDocumentEnds">The end of each mandatory document, up to the year 2200; null for one without end.</param>
    public static DateTime EndOf(DateTime decidedAt, IEnumerable<DateOnly?> mandatoryDocumentEnds) => mandatoryDocumentEnds
        .OfType<DateOnly>()
        .Select(end => end.AddDays(DaysAfterDocument).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc))
        .Append(decidedAt.AddMonths(Months))
        .Min();
}
