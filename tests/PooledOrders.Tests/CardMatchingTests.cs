using FsCheck;
using FsCheck.Fluent;
using Marketplace.PooledOrders.CardReconciliation;

namespace Marketplace.PooledOrders.Tests;

/// <summary>DOMAIN §6, card payments: each word once, and random states against what must always hold.</summary>
public sealed class CardMatchingTests
{
    private const string Intent = "pi_1";
    private static readonly DateTime Noon = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);
    private static readonly RecordedPayment Paid = new(Intent, 45_001, Noon);

    [Fact]
    public void one_line_of_the_recorded_amount_is_exact() => Assert.Equal(("exact", 45_001, 45_001), Only(State(Paid, Charge(45_001))));

    [Fact]
    public void less_than_recorded_is_partial_and_more_is_over()
    {
        Assert.Equal(("partial", 45_001, 45_000), Only(State(Paid, Charge(45_000))));
        Assert.Equal(("over", 45_001, 45_002), Only(State(Paid, Charge(45_002))));
    }

    [Fact]
    public void a_second_charge_is_a_duplicate_and_the_first_stays_exact()
    {
        var outcomes = CardMatching.Decide(State(Paid, Charge(45_001, "pi_2", "txn_0"), Charge(45_001, id: "txn_9")), Noon);

        Assert.Equal([("exact", "txn_9"), ("duplicate", "txn_0")], outcomes.Select(o => (o.Kind, o.Subject)).OrderByDescending(o => o.Kind));
    }

    [Fact]
    public void a_charge_under_another_id_is_matched_by_commitment_and_amount()
    {
        var outcomes = CardMatching.Decide(State(Paid, Charge(1_000, "pi_2", "txn_1"), Charge(45_001, "pi_3", "txn_2")), Noon);

        Assert.Equal([("duplicate", "txn_1"), ("exact", "txn_2")], outcomes.Select(o => (o.Kind, o.Subject)).OrderBy(o => o.Subject));
    }

    [Fact]
    public void a_payment_without_a_line_waits_five_days_and_is_missing_then()
    {
        Assert.Equal(("waiting", 45_001, 0), Only(State(Paid), Noon.AddDays(5).AddTicks(-1)));
        Assert.Equal(("missing", 45_001, 0), Only(State(Paid), Noon.AddDays(5)));
    }

    [Fact]
    public void a_line_without_a_payment_is_unknown_and_waits_while_the_charge_is_under_way()
    {
        Assert.Equal(("unknown", 0, 45_001), Only(State(null, Charge(45_001))));
        Assert.Equal(("waiting", 0, 45_001), Only(State(null, Charge(45_001)) with { IsUnderWay = true }));
        Assert.Equal(("unknown", 0, 45_001), Only(State(null, Charge(45_001)) with { IsUnderWay = true }, Noon.AddDays(5)));
    }

    [Fact]
    public void a_refund_is_matched_by_its_own_id()
    {
        var refund = new RecordedRefund("re_1", 500, Noon);
        var state = State(Paid, Charge(45_001), Refund(-500, "re_1"), Refund(-500, "re_2")) with { Refunds = [refund] };

        Assert.Equal([("exact", -500, -500), ("exact", 45_001, 45_001), ("unknown", 0, -500)], Sorted(CardMatching.Decide(state, Noon)));
        Assert.Equal(("partial", -500, -400), Only(State(null, Refund(-400, "re_1")) with { Refunds = [refund] }));
        Assert.Equal(("missing", -500, 0), Only(State(null) with { Refunds = [refund] }, Noon.AddDays(6)));
    }

    [Fact]
    public void a_refund_that_came_back_is_one_exception_whether_it_is_still_recorded_or_not()
    {
        StatementLine[] lines = [Refund(-500, "re_1"), Refund(500, "re_1") with { Id = "txn_back", Kind = LineKind.RefundFailure }];

        Assert.Equal([("exact", -500, -500), ("refund-failed", 0, 500)], Sorted(CardMatching.Decide(State(null, lines) with { Refunds = [new("re_1", 500, Noon)] }, Noon)));
        Assert.Equal([("refund-failed", 0, 500), ("reversed", 0, -500)], Sorted(CardMatching.Decide(State(null, lines), Noon)));
    }

    [Fact]
    public void money_that_the_bank_took_back_is_disputed_and_the_charge_stays_exact()
    {
        var outcomes = CardMatching.Decide(State(Paid, Charge(45_001), Charge(-45_001, id: "txn_d") with { Kind = LineKind.Dispute }), Noon);

        Assert.Equal([("disputed", 0, -45_001), ("exact", 45_001, 45_001)], Sorted(outcomes));
    }

    [Fact]
    public void another_currency_counts_nowhere_and_is_an_exception() =>
        Assert.Equal([("currency", 0, 0), ("missing", 45_001, 0)], Sorted(CardMatching.Decide(State(Paid, Charge(45_001) with { Currency = "usd" }), Noon.AddDays(9))));

    [Theory]
    [InlineData("charge", "charge", "charge")]
    [InlineData("payment", "charge", "charge")]
    [InlineData("refund", "refund", "refund")]
    [InlineData("refund_failure", "refund_failure", "refund-failure")]
    [InlineData("adjustment", "dispute", "dispute")]
    [InlineData("adjustment", "dispute_reversal", "dispute")]
    [InlineData("payout", "payout", "payout")]
    [InlineData("stripe_fee", "fee", "fee")]
    [InlineData("transfer", "transfer", "other")]
    [InlineData("something_new", null, "other")]
    public void the_providers_words_are_understood(string type, string? category, string kind) => Assert.Equal(kind, LineKind.Of(type, category));

    [Theory]
    [InlineData("paid", true, 100L, null)]
    [InlineData("in_transit", true, null, null)]
    [InlineData("paid", true, 99L, "payout-difference")]
    [InlineData("paid", false, null, "payout-not-itemised")]
    [InlineData("failed", true, 100L, "payout-failed")]
    public void a_payout_is_the_sum_of_its_lines(string status, bool automatic, long? net, string? kind) =>
        Assert.Equal(kind, PayoutMatching.Decide(new PayoutState("po_1", 100, "eur", status, automatic, net, Noon)));

    [Fact]
    public void every_line_and_every_record_is_decided_once_and_the_difference_is_the_sum() => Check.One(Thousands, Prop.ForAll(States(), state =>
    {
        var outcomes = CardMatching.Decide(state, Noon.AddDays(3));
        var statement = state.Lines.Where(l => l.Currency == "eur" && l.Kind is not (LineKind.Payout or LineKind.Fee)).Sum(l => l.AmountCents);
        return outcomes.Count(o => o.Line is not null) == state.Lines.Count
            && outcomes.Where(o => o.Line is not null).Select(o => o.Line!.Id).Distinct().Count() == state.Lines.Count
            && outcomes.Select(o => o.Subject).Distinct().Count() == outcomes.Count
            && outcomes.Sum(o => o.RecordedCents) == (state.Payment?.AmountCents ?? 0) - state.Refunds.Sum(r => r.AmountCents)
            && outcomes.Sum(o => o.StatementCents) == statement;
    }));

    [Fact]
    public void only_equal_amounts_are_exact_and_at_most_one_charge_is() => Check.One(Thousands, Prop.ForAll(States(), state =>
    {
        var outcomes = CardMatching.Decide(state, Noon.AddDays(3));
        return outcomes.Where(o => o.Kind == CardOutcomes.Exact).All(o => o.RecordedCents == o.StatementCents && o.Line is not null)
            && outcomes.Count(o => o is { Kind: CardOutcomes.Exact, Line.Kind: LineKind.Charge }) <= 1
            && outcomes.Count(o => o.Side == CardOutcomes.PaymentSide) == (state.Payment is null ? 0 : 1);
    }));

    [Fact]
    public void the_order_in_which_lines_come_does_not_matter() => Check.One(Thousands, Prop.ForAll(States(), state =>
        Sorted(CardMatching.Decide(state, Noon)).SequenceEqual(Sorted(CardMatching.Decide(state with { Lines = [.. state.Lines.Reverse()] }, Noon)))));

    private static Config Thousands => Config.QuickThrowOnFailure.WithMaxTest(3_000);

    private static Arbitrary<CardState> States()
    {
        var cents = Gen.Choose(1, 3).Select(n => n * 500L);
        var line =
            from kind in Gen.Elements(LineKind.Charge, LineKind.Charge, LineKind.Refund, LineKind.Refund, LineKind.RefundFailure, LineKind.Dispute, LineKind.Fee, LineKind.Payout, LineKind.Other)
            from amount in cents
            from intent in Gen.Elements(Intent, "pi_2", null)
            from refund in Gen.Elements("re_1", "re_2", "re_3", null)
            from currency in Gen.Frequency((9, Gen.Constant("eur")), (1, Gen.Constant("usd")))
            from hour in Gen.Choose(0, 2)
            select new StatementLine("", kind, kind is LineKind.Refund or LineKind.Dispute ? -amount : amount, currency, intent, kind is LineKind.Refund or LineKind.RefundFailure ? refund : null, Noon.AddHours(hour));
        return Arb.From(
            from paid in Gen.Elements(true, true, false)
            from amount in cents
            from underWay in Gen.Elements(true, false)
            from refunds in Gen.Choose(0, 2)
            from given in cents
            from count in Gen.Choose(0, 6)
            from lines in Gen.ArrayOf(line, count)
            select new CardState(
                paid ? new RecordedPayment(Intent, amount, Noon) : null, underWay, underWay,
                [.. Enumerable.Range(1, refunds).Select(i => new RecordedRefund($"re_{i}", given, Noon))],
                [.. lines.Select((l, i) => l with { Id = $"txn_{i}" })]));
    }

    private static CardState State(RecordedPayment? payment, params StatementLine[] lines) => new(payment, false, false, [], lines);

    private static StatementLine Charge(long cents, string intent = Intent, string id = "txn_1") => new(id, LineKind.Charge, cents, "eur", intent, null, Noon);

    private static StatementLine Refund(long cents, string refund) => new($"txn_{refund}", LineKind.Refund, cents, "eur", Intent, refund, Noon);

    private static (string Kind, long Recorded, long Statement) Only(CardState state, DateTime? now = null) => Sorted(CardMatching.Decide(state, now ?? Noon)).Single();

    private static IEnumerable<(string Kind, long Recorded, long Statement)> Sorted(IEnumerable<CardOutcome> outcomes) =>
        outcomes.Select(o => (o.Kind, o.RecordedCents, o.StatementCents)).Order();
}
