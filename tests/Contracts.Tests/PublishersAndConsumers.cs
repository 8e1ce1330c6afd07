using Marketplace.Platform.Facts;

namespace Marketplace.Contracts.Tests;

/// <summary>Nobody listens to what nobody says, and nothing is said to nobody.</summary>
public sealed class PublishersAndConsumers
{
    /// <summary>Facts that nobody listens to yet. Empty is the goal; a fact leaves the list when it gets a consumer.</summary>
    private static readonly string[] Unheard = [];

    public static TheoryData<string> Listeners => [.. PublicFacts.Listeners.Keys];

    public static TheoryData<Type> Facts => [.. PublicFacts.Facts];

    [Theory]
    [MemberData(nameof(Facts))]
    public void a_fact_is_made_by_the_service_whose_name_it_carries(Type fact)
    {
        var publisher = FactName.Of(fact).Split('.')[0];

        Assert.Contains(publisher, PublicFacts.Services.Keys);
        Assert.Contains(fact, PublicFacts.MadeBy(publisher));
    }

    [Theory]
    [MemberData(nameof(Listeners))]
    public void a_listener_handles_each_fact_by_one_route_and_only_facts_that_others_publish(string listener)
    {
        var handled = PublicFacts.HandledBy(listener);

        Assert.Equal(handled.Distinct(), handled);
        Assert.All(handled, fact =>
        {
            Assert.Contains(fact, PublicFacts.Facts);
            Assert.NotEqual(listener, FactName.Of(fact).Split('.')[0]);
        });
    }

    [Fact]
    public void every_fact_is_heard_by_a_service_or_the_gateway_but_for_those_listed_here()
    {
        var heard = PublicFacts.Listeners.Keys.SelectMany(PublicFacts.HandledBy);

        Assert.Equal(Unheard, PublicFacts.Facts.Except(heard).Select(FactName.Of));
    }
}
