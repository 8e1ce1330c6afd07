namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// Days on which French banks work: Monday to Friday without the public holidays of article L3133-1 of the Code du
/// travail. What is a holiday in Alsace and Moselle only is a business day here. Pure.
/// </summary>
public static class BusinessDays
{
    /// <summary>How long the bank has for a transfer: DOMAIN §6, <c>missing</c>.</summary>
    public const int ToWaitFor = 5;

    /// <summary>The n-th business day after a day, which itself does not count; n > 0.</summary>
    public static DateOnly After(DateOnly day, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        while (count > 0)
        {
            day = day.AddDays(1);
            count -= IsBusinessDay(day) ? 1 : 0;
        }

        return day;
    }

    /// <summary>
    /// The last execution date whose transfers are missing today when the bank said nothing of them: five business days
    /// after it have passed.
    /// </summary>
    /// <param name="today">The day in Europe/Paris; it has not passed yet.</param>
    public static DateOnly LastMissing(DateOnly today)
    {
        var day = today.AddDays(-ToWaitFor);
        while (After(day, ToWaitFor) >= today)
        {
            day = day.AddDays(-1);
        }

        return day;
    }

    /// <summary>Neither a Saturday, a Sunday nor a public holiday.</summary>
    public static bool IsBusinessDay(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !IsPublicHoliday(day);

    /// <summary>One of the eleven.</summary>
    public static bool IsPublicHoliday(DateOnly day) => (day.Month, day.Day) switch
    {
        (1, 1) or (5, 1) or (5, 8) or (7, 14) or (8, 15) or (11, 1) or (11, 11) or (12, 25) => true,
        _ => (day.DayNumber - Easter(day.Year).DayNumber) is EasterMonday or Ascension or WhitMonday,
    };

    /// <summary>Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).</summary>
    public static DateOnly Easter(int year)
    {
        var (golden, century, ofCentury) = (year % 19, year / 100, year % 100);
        var epact = ((19 * golden) + century - (century / 4) - ((century - ((century + 8) / 25) + 1) / 3) + 15) % 30;
        var weekday = (32 + (2 * (century % 4)) + (2 * (ofCentury / 4)) - epact - (ofCentury % 4)) % 7;
        var correction = (golden + (11 * epact) + (22 * weekday)) / 451;
        var days = epact + weekday - (7 * correction) + 114;
        return new DateOnly(year, days / 31, (days % 31) + 1);
    }

    private const int EasterMonday = 1;
    private const int Ascension = 39;
    private const int WhitMonday = 50;
}
