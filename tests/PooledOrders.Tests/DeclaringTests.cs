using Marketplace.Platform.Time;
using Marketplace.PooledOrders.Delivery;

namespace Marketplace.PooledOrders.Tests;

/// <summary>The rules of declaring a delivery (DOMAIN §6), pure.</summary>
public sealed class DeclaringTests
{
    [Theory]
    [InlineData("2026-07-01T21:59:59Z", "2026-07-01")]
    [InlineData("2026-07-01T22:00:00Z", "2026-07-02")]
    [InlineData("2026-12-31T22:59:59Z", "2026-12-31")]
    [InlineData("2026-12-31T23:00:00Z", "2027-01-01")]
    public void days_are_those_of_paris(string utc, string day) =>
        Assert.Equal(DateOnly.Parse(day), ParisDays.Of(DateTime.Parse(utc).ToUniversalTime()));

    [Theory]
    [InlineData("2026-07-01", true)]
    [InlineData("2026-07-02", false)]
    [InlineData("2026-07-10", false)]
    [InlineData("2026-07-11", true)]
    public void a_delivery_is_of_a_day_between_the_closing_and_today(string day, bool refused)
    {
        // The pool closed at half past midnight in Paris, which was still the day before in UTC.
        var (closed, now) = (new DateTime(2026, 7, 1, 22, 30, 0, DateTimeKind.Utc), new DateTime(2026, 7, 10, 21, 0, 0, DateTimeKind.Utc));

        Assert.Equal(refused, Declaring.OnAnotherDay(DateOnly.Parse(day), closed, now) is { Status: 400 });
    }

    [Fact]
    public void seven_days_of_silence_end_with_their_last_instant()
    {
        var declared = new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc);

        Assert.False(Declaring.IsOver(declared, declared.AddDays(7).AddTicks(-1)));
        Assert.True(Declaring.IsOver(declared, declared.AddDays(7)));
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(21, true)]
    public void no_more_is_delivered_than_was_ordered(int quantity, bool refused) =>
        Assert.Equal(refused, Declaring.TooMany(quantity, 20) is { Status: 400 });
}
