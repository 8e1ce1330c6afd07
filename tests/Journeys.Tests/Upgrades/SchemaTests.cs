namespace Marketplace.Journeys_Tests.Upgrades;

public sealed class SchemaTests
{
    private static readonly Column Needed = new("pool", "text", IsNullable: false, HasDefault: false);

    [Fact]
    public void adding_is_fine() => Assert.Empty(Schema.Breaks(
        Of([("pool.title", Needed)], []),
        Of([("pool.title", Needed), ("pool.note", Needed with { IsNullable = true }), ("pool.seen", Needed with { HasDefault = true }), ("offer.id", Needed with { Table = "offer" })], [("offer: offer_key", "unique")])));

    [Fact]
    public void whatever_the_previous_programs_could_trip_over_is_named()
    {
        var previous = Of([("pool.title", Needed), ("pool.end", Needed), ("pool.note", Needed with { IsNullable = true })], [("pool: known", "check (a > 0)")]);
        var next = Of(
            [("pool.title", Needed with { Type = "integer" }), ("pool.note", Needed), ("pool.must", Needed)],
            [("pool: known", "check (a > 1)"), ("pool: one_title", "unique (title)")]);
        Assert.Equal(["pool.title", "pool.end", "pool.note", "pool.must", "pool: known", "pool: one_title"], Schema.Breaks(previous, next).Select(fault => fault.Split(" is")[0].Split(" was")[0]));
    }

    private static Schema Of((string, Column)[] columns, (string, string)[] rules) =>
        new(columns.ToDictionary(c => c.Item1, c => c.Item2), rules.ToDictionary(r => r.Item1, r => r.Item2));
}
