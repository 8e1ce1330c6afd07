using Marketplace.Accreditation.Register;

namespace Marketplace.Accreditation.Tests.Register;

/// <summary>DOMAIN §4: <c>active → suspended → active | withdrawn</c>, <c>expired</c>.</summary>
public sealed class StandingRule
{
    private static readonly DateTime End = new(2028, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void only_the_steps_of_the_rule_book_are_allowed()
    {
        var allowed = from status in Standing.All
                      from next in Standing.All
                      where Standing.Refuses(status, End, next, End.AddTicks(-1)) is null
                      select (status, next);

        Assert.Equal([("active", "suspended"), ("active", "withdrawn"), ("suspended", "active"), ("suspended", "withdrawn")], allowed);
    }

    [Fact]
    public void at_the_very_end_nothing_can_be_done_any_more()
    {
        foreach (var status in Standing.All)
        {
            Assert.All(Standing.All, next => Assert.Equal("wrong-status", Standing.Refuses(status, End, next, End)?.Slug));
        }
    }
}
