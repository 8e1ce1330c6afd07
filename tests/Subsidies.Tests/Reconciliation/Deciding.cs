using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>The matching, beside DOMAIN §6.</summary>
public sealed class Deciding
{
    private const string Account = "FR7630006000011234567890189";

    private static Transfer Ordered(long cents = 100_00, string status = "ordered", long debited = 0, long returned = 0, int day = 1, bool canReopen = true) => new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), status, new DateOnly(2026, 11, day), Guid.NewGuid().ToString("N"), Account, cents, debited, returned, canReopen);

    [Theory]
    [InlineData("ordered", 0, 100_00, "exact", Effect.Pay, "paid")]
    [InlineData("ordered", 0, 60_00, "partial", Effect.None, "ordered")]
    [InlineData("ordered", 0, 100_01, "over", Effect.None, "ordered")]
    [InlineData("ordered", 60_00, 40_00, "exact", Effect.Pay, "paid")]
    [InlineData("ordered", 60_00, 30_00, "partial", Effect.None, "ordered")]
    [InlineData("ordered", 60_00, 100_00, "over", Effect.None, "ordered")]
    [InlineData("paid", 100_00, 100_00, "duplicate", Effect.None, "paid")]
    [InlineData("settled", 60_00, 40_00, "duplicate", Effect.None, "settled")]
    [InlineData("rejected", 0, 100_00, "duplicate", Effect.None, "rejected")]
    [InlineData("prepared", 0, 100_00, "unknown", Effect.None, "prepared")]
    [InlineData("cancelled", 0, 100_00, "unknown", Effect.None, "cancelled")]
    public void what_leaves_is_compared_with_what_is_outstanding(string status, long debited, long cents, string outcome, Effect effect, string after)
    {
        var match = Matching.Decide(cents, false, Ordered(status: status, debited: debited), null);

        Assert.Equal((outcome, effect, after), (match.Outcome, match.Effect, match.Transfer!.Status));
        Assert.NotEmpty(match.Detail);
    }

    [Theory]
    [InlineData("paid", 100_00, 100_00, Effect.Reopen)]
    [InlineData("ordered", 0, 100_00, Effect.Reopen)]
    [InlineData("ordered", 60_00, 60_00, Effect.Reopen)]
    [InlineData("paid", 100_00, 40_00, Effect.None)]
    [InlineData("paid", 200_00, 100_00, Effect.None)]
    [InlineData("ordered", 0, 40_00, Effect.None)]
    [InlineData("ordered", 60_00, 100_00, Effect.None)]
    [InlineData("rejected", 100_00, 100_00, Effect.None)]
    [InlineData("settled", 100_00, 100_00, Effect.None)]
    public void what_comes_back_is_rejected_and_reopens_only_when_nothing_stayed_away(string status, long debited, long cents, Effect effect)
    {
        var match = Matching.Decide(-cents, false, Ordered(status: status, debited: debited), null);

        Assert.Equal(("rejected", effect), (match.Outcome, match.Effect));
        Assert.Equal(effect == Effect.Reopen ? "rejected" : status, match.Transfer!.Status);
    }

    [Fact]
    public void aid_that_was_claimed_back_is_not_reopened() =>
        Assert.Equal(("rejected", Effect.None), Outcome(Matching.Decide(-100_00, true, Ordered(status: "paid", debited: 100_00, canReopen: false), null)));

    [Fact]
    public void what_belongs_to_nothing_is_unknown()
    {
        Assert.Equal(("unknown", Effect.None), Outcome(Matching.Decide(100_00, false, null, null)));
        Assert.Equal(("unknown", Effect.None), Outcome(Matching.Decide(-100_00, true, null, null)));
        Assert.Equal(("unknown", Effect.None), Outcome(Matching.Decide(-100_00, false, null, Ordered(status: "paid", debited: 100_00))));
    }

    [Fact]
    public void a_return_that_is_booked_before_its_payment_ends_the_same()
    {
        var transfer = Ordered();
        var known = new KnownTransfers([transfer]);

        Assert.Equal(("rejected", Effect.Reopen), Outcome(known.Take(-100_00, true, transfer.EndToEndId, null)));
        Assert.Equal(("exact", Effect.None), Outcome(known.Take(100_00, false, transfer.EndToEndId, null)));
        Assert.Equal(("duplicate", Effect.None), Outcome(known.Take(100_00, false, transfer.EndToEndId, null)));
        Assert.Equal("rejected", Assert.Single(known.All).Status);
    }

    [Fact]
    public void without_an_end_to_end_id_the_oldest_of_the_same_account_and_amount_is_taken()
    {
        var (young, old, other) = (Ordered(day: 9), Ordered(day: 2), Ordered(cents: 50_00, day: 1));
        var known = new KnownTransfers([young, old, other]);

        Assert.Equal(old.Id, known.Take(100_00, false, null, Account).Transfer!.Id);
        Assert.Equal(young.Id, known.Take(100_00, false, "SOMETHING ELSE", Account).Transfer!.Id);
        Assert.Equal("unknown", known.Take(100_00, false, null, Account).Outcome);
        Assert.Equal("unknown", known.Take(50_00, false, null, "FR1420041010050500013M02606").Outcome);
        Assert.Equal("unknown", known.Take(50_00, false, null, null).Outcome);
    }

    [Fact]
    public void the_rest_of_a_partial_payment_is_found_by_its_amount()
    {
        var transfer = Ordered();
        var known = new KnownTransfers([transfer]);

        Assert.Equal("partial", known.Take(60_00, false, transfer.EndToEndId, Account).Outcome);
        Assert.Equal("unknown", known.Take(100_00, false, null, Account).Outcome);
        Assert.Equal(("exact", Effect.Pay), Outcome(known.Take(40_00, false, null, Account)));
    }

    [Fact]
    public void a_return_without_an_end_to_end_id_is_of_the_latest_of_which_that_amount_left()
    {
        var (old, young) = (Ordered(status: "paid", debited: 100_00, day: 2), Ordered(status: "paid", debited: 100_00, day: 9));
        var known = new KnownTransfers([old, young]);

        Assert.Equal(young.Id, known.Take(-100_00, true, null, Account).Transfer!.Id);
        Assert.Equal(old.Id, known.Take(-100_00, true, null, Account).Transfer!.Id);
        Assert.Equal("unknown", known.Take(-100_00, true, null, Account).Outcome);
    }

    [Theory]
    [InlineData(300_00, 300_00, 300_00, "exact", Effect.Pay)]
    [InlineData(299_99, 300_00, 300_00, "partial", Effect.None)]
    [InlineData(300_01, 300_00, 300_00, "over", Effect.None)]
    [InlineData(300_00, 0, 300_00, "duplicate", Effect.None)]
    [InlineData(-300_00, 0, 300_00, "rejected", Effect.Reopen)]
    [InlineData(-200_00, 0, 300_00, "rejected", Effect.None)]
    public void a_movement_of_a_whole_run_is_compared_with_all_that_is_outstanding(long cents, long outstanding, long returnable, string outcome, Effect effect) =>
        Assert.Equal((outcome, effect), Outcome(Matching.Decide(cents, new BatchRun(Guid.NewGuid(), Guid.NewGuid(), outstanding, returnable, true))));

    [Fact]
    public void a_movement_of_a_run_that_nobody_approved_is_unknown() => Assert.Equal(("unknown", Effect.None), Outcome(Matching.Decide(300_00, null)));

    [Theory]
    [InlineData("pay-again", "missing", "ordered", 0, 0, ResolutionMove.Reopen)]
    [InlineData("pay-again", "rejected", "rejected", 100_00, 100_00, ResolutionMove.None)]
    [InlineData("pay-again", "rejected", "settled", 100_00, 100_00, ResolutionMove.Reopen)]
    [InlineData("pay-again", "partial", "rejected", 60_00, 60_00, ResolutionMove.None)]
    [InlineData("pay-again", "partial", "ordered", 60_00, 0, null)]
    [InlineData("pay-again", "missing", "paid", 100_00, 0, null)]
    [InlineData("pay-again", "duplicate", "paid", 200_00, 0, null)]
    [InlineData("pay-rest", "partial", "ordered", 60_00, 0, ResolutionMove.PayPart)]
    [InlineData("pay-rest", "rejected", "paid", 100_00, 40_00, ResolutionMove.PayPart)]
    [InlineData("pay-rest", "partial", "paid", 100_00, 0, null)]
    [InlineData("pay-rest", "partial", "rejected", 60_00, 60_00, null)]
    [InlineData("pay-rest", "over", "ordered", 120_00, 0, null)]
    [InlineData("paid", "over", "ordered", 120_00, 0, ResolutionMove.Pay)]
    [InlineData("paid", "over", "paid", 120_00, 0, null)]
    [InlineData("paid", "missing", "ordered", 0, 0, null)]
    [InlineData("settled by cheque", "partial", "ordered", 60_00, 0, ResolutionMove.None)]
    [InlineData("refund asked for", "duplicate", "paid", 200_00, 0, ResolutionMove.None)]
    public void three_words_move_money_and_only_where_none_is_paid_twice(string word, string kind, string status, long debited, long returned, ResolutionMove? move)
    {
        var resolution = Resolution.Decide(word, kind, Ordered(status: status, debited: debited, returned: returned), false);

        Assert.Equal(move is null, resolution.Refusal is not null);
        Assert.Equal(move ?? ResolutionMove.None, resolution.Move);
    }

    [Theory]
    [InlineData(0, new long[] { 0, 0, 0 })]
    [InlineData(10, new long[] { 10, 0, 0 })]
    [InlineData(45, new long[] { 30, 15, 0 })]
    [InlineData(60, new long[] { 30, 20, 10 })]
    public void a_part_is_dealt_out_in_order(long cents, long[] shares) => Assert.Equal(shares, MoveTransfers.InOrder(cents, [30, 20, 10]));

    private static (string, Effect) Outcome(Match match) => (match.Outcome, match.Effect);
}
