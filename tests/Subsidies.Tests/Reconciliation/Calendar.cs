using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>The days on which French banks work.</summary>
public sealed class Calendar
{
    [Theory]
    [InlineData("2000-04-23")]
    [InlineData("2008-03-23")]
    [InlineData("2011-04-24")]
    [InlineData("2024-03-31")]
    [InlineData("2025-04-20")]
    [InlineData("2026-04-05")]
    [InlineData("2038-04-25")]
    [InlineData("2285-03-22")]
    public void easter_is_where_the_calendar_has_it(string day) => Assert.Equal(DateOnly.Parse(day), BusinessDays.Easter(DateOnly.Parse(day).Year));

    [Fact]
    public void a_year_has_eleven_public_holidays() => Assert.Equal(
        ["01-01", "04-06", "05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"],
        Enumerable.Range(0, 365).Select(new DateOnly(2026, 1, 1).AddDays).Where(BusinessDays.IsPublicHoliday).Select(d => d.ToString("MM-dd")));

    [Theory]
    [InlineData("2026-11-23", true)]
    [InlineData("2026-11-21", false)]
    [InlineData("2026-11-22", false)]
    [InlineData("2026-04-03", true)]
    [InlineData("2026-12-26", false)]
    [InlineData("2025-12-26", true)]
    public void weekends_are_none_and_what_is_a_holiday_in_alsace_only_is_one(string day, bool isBusinessDay) =>
        Assert.Equal(isBusinessDay, BusinessDays.IsBusinessDay(DateOnly.Parse(day)));

    [Theory]
    [InlineData("2026-11-23", "2026-11-30")]
    [InlineData("2026-11-21", "2026-11-27")]
    [InlineData("2026-11-06", "2026-11-16")]
    [InlineData("2026-04-02", "2026-04-10")]
    [InlineData("2026-05-07", "2026-05-18")]
    [InlineData("2025-12-23", "2025-12-31")]
    [InlineData("2025-12-31", "2026-01-08")]
    public void five_business_days_are_counted_over_weekends_and_holidays(string day, string fifth) =>
        Assert.Equal(DateOnly.Parse(fifth), BusinessDays.After(DateOnly.Parse(day), BusinessDays.ToWaitFor));

    [Fact]
    public void a_transfer_is_missing_from_the_day_after_its_fifth_business_day_on()
    {
        for (var today = new DateOnly(2026, 1, 1); today.Year < 2029; today = today.AddDays(1))
        {
            var last = BusinessDays.LastMissing(today);
            Assert.True(BusinessDays.After(last, BusinessDays.ToWaitFor) < today);
            Assert.True(BusinessDays.After(last.AddDays(1), BusinessDays.ToWaitFor) >= today);
        }
    }
}
