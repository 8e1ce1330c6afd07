using Marketplace.Accreditation.Applications;

namespace Marketplace.Accreditation.Tests.Applications;

/// <summary>Who may decide what (DOMAIN §4).</summary>
public sealed class DecisionRule
{
    private static readonly DateTime Now = new(2026, 6, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly Guid Evaluator = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    [Theory]
    [InlineData("draft", "wrong-status")]
    [InlineData("submitted", "wrong-status")]
    [InlineData("granted", "wrong-status")]
    [InlineData("refused", "wrong-status")]
    [InlineData("review", null)]
    public void only_what_is_in_review_is_decided(string status, string? problem)
    {
        Assert.Equal(problem, Slug(status, Other, grant: true));
        Assert.Equal(problem, Slug(status, Other, grant: false));
    }

    [Fact]
    public void an_evaluator_neither_grants_nor_refuses()
    {
        Assert.Equal("four-eyes", Slug("review", Evaluator, grant: true));
        Assert.Equal("four-eyes", Slug("review", Evaluator, grant: false));
    }

    [Fact]
    public void an_unmet_mandatory_criterion_stands_against_a_grant_only()
    {
        Assert.Equal("criteria-not-met", Slug("review", Other, grant: true, unmet: ["kbis-extract"]));
        Assert.Null(Slug("review", Other, grant: false, unmet: ["kbis-extract"]));
        Assert.Null(Slug("review", Other, grant: true, unmet: ["iso-27001-certificate"]));
    }

    [Fact]
    public void a_document_that_ended_thirty_days_ago_leaves_nothing_to_grant()
    {
        Assert.Null(Slug("review", Other, grant: true, ends: new DateOnly(2026, 5, 3)));
        Assert.Equal("evidence-expired", Slug("review", Other, grant: true, ends: new DateOnly(2026, 5, 2)));
        Assert.Null(Slug("review", Other, grant: false, ends: new DateOnly(2026, 5, 2)));
    }

    private static string? Slug(string status, Guid decider, bool grant, string[]? unmet = null, DateOnly? ends = null) =>
        Decision.Refuses(status, [Evaluator], unmet ?? [], [new RequiredEvidence("kbis-extract", true, ends)], decider, grant, Now)?.Slug;
}
