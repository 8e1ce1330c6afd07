using FsCheck;
using FsCheck.Fluent;
using Marketplace.Accreditation.Register;

namespace Marketplace.Accreditation.Tests.Register;

/// <summary>DOMAIN §4: the earlier of the decision's end and each mandatory document's end + 30 days.</summary>
public sealed class ValidityRule
{
    private static readonly DateTime Decided = new(2026, 3, 31, 14, 30, 0, DateTimeKind.Utc);

    [Fact]
    public void without_a_document_that_ends_it_holds_twenty_four_months() =>
        Assert.Equal(new DateTime(2028, 3, 31, 14, 30, 0, DateTimeKind.Utc), Validity.EndOf(Decided, [null, null]));

    [Fact]
    public void twenty_four_months_from_a_leap_day_end_on_the_last_of_february() =>
        Assert.Equal(new DateTime(2026, 2, 28, 0, 0, 0, DateTimeKind.Utc), Validity.EndOf(new DateTime(2024, 2, 29, 0, 0, 0, DateTimeKind.Utc), []));

    [Fact]
    public void it_ends_thirty_days_after_the_first_document_that_ends() =>
        Assert.Equal(new DateTime(2026, 7, 30, 0, 0, 0, DateTimeKind.Utc), Validity.EndOf(Decided, [new(2027, 3, 31), null, new(2026, 6, 30)]));

    [Fact]
    public void a_document_that_outlasts_the_decision_does_not_prolong_it() =>
        Assert.Equal(Decided.AddMonths(24), Validity.EndOf(Decided, [new(2200, 12, 31)]));

    [Fact]
    public void it_is_never_later_than_any_of_its_limits_and_equals_one_of_them() =>
        Prop.ForAll<DateTime, int[]>((instant, offsets) =>
        {
            var decided = DateTime.SpecifyKind(new DateTime(2026, 1, 1).AddTicks(Math.Abs(instant.Ticks % TimeSpan.FromDays(3650).Ticks)), DateTimeKind.Utc);
            var documents = offsets.Select(o => (DateOnly?)DateOnly.FromDateTime(decided).AddDays(o % 5000)).ToList();
            DateTime[] limits = [decided.AddMonths(24), .. documents.Select(d => d!.Value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc).AddDays(30))];

            var end = Validity.EndOf(decided, documents);

            return end.Kind == DateTimeKind.Utc && limits.All(l => end <= l) && limits.Contains(end);
        }).QuickCheckThrowOnFailure();
}
