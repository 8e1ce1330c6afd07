namespace Marketplace.Platform.Time;

/// <summary>Days as people in France count them: an instant's day is its day in Europe/Paris (DOMAIN §0).</summary>
public static class ParisDays
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    /// <summary>The day of an instant (UTC).</summary>
    public static DateOnly Of(DateTime instant) => DateOnly.FromDateTime(Local(instant));

    /// <summary>Today by a clock.</summary>
    public static DateOnly Today(TimeProvider clock) => Of(clock.GetUtcNow().UtcDateTime);

    /// <summary>The first instant of a day, in UTC.</summary>
    public static DateTime StartOf(DateOnly day) => Utc(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>What clocks in Paris show at an instant (UTC).</summary>
    public static DateTime Local(DateTime instant) => TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(instant, DateTimeKind.Utc), Paris);

    /// <summary>The instant (UTC) at which clocks in Paris show this; one that they skip in spring counts an hour later.</summary>
    public static DateTime Utc(DateTime local)
    {
        var unspecified = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        return TimeZoneInfo.ConvertTimeToUtc(Paris.IsInvalidTime(unspecified) ? unspecified.AddHours(1) : unspecified, Paris);
    }
}
