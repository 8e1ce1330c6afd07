using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Recoveries;

namespace Marketplace.Subsidies.Tests.Recoveries;

/// <summary>How an amount that is taken back is split, for any grant.</summary>
public sealed class RecoveryDecisions
{
    [Fact]
    public void what_is_not_paid_yet_is_taken_first()
    {
        // 1 000.00 done, of which 600.00 paid in part and the rest reopened.
        var grant = new GrantMoney(GrantStatus.ServiceDone, 1_000_00, 600_00, 600_00, 0);
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 300_00, 0, GrantStatus.ServiceDone), RecoveryDecision.Of(grant, 300_00));
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 400_00, 0, GrantStatus.Paid), RecoveryDecision.Of(grant, 400_00));
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 400_00, 50_00, GrantStatus.Paid), RecoveryDecision.Of(grant, 450_00));
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 400_00, 600_00, GrantStatus.Recovered), RecoveryDecision.Of(grant, null));
        Assert.Equal(RecoveryRefusal.MoreThanPaid, RecoveryDecision.Of(grant, 1_000_01).Refusal);
    }

    [Fact]
    public void what_came_back_from_the_bank_is_released_whole()
    {
        var grant = new GrantMoney(GrantStatus.Rejected, 500_00, 0, 0, 0);
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 200_00, 0, GrantStatus.Rejected), RecoveryDecision.Of(grant, 200_00));
        Assert.Equal(new RecoveryDecision(RecoveryRefusal.None, 500_00, 0, GrantStatus.Released), RecoveryDecision.Of(grant, null));
    }

    [Fact]
    public void whatever_the_grant_no_more_is_taken_than_is_due_and_paid_and_the_stages_stay_in_order()
    {
        var grants = from recovered in Gen.Choose(0, 50)
                     from paid in Gen.Choose(0, 50)
                     from inRun in Gen.Elements(0, 0, 0, 7)
                     from due in Gen.Choose(0, 50)
                     from asked in Gen.Choose(0, 160)
                     select (Grant: new GrantMoney(GrantStatus.ServiceDone, recovered + paid + inRun + due, recovered + paid + inRun, recovered + paid, recovered), Asked: asked == 0 ? (long?)null : asked);
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(grants.ToArbitrary(), c =>
        {
            var (grant, asked) = c;
            var d = RecoveryDecision.Of(grant, asked);
            return d.Refusal != RecoveryRefusal.None
                ? d is { ReleaseCents: 0, ClaimCents: 0 } && d.Status == grant.Status
                : d.ReleaseCents + d.ClaimCents == (asked ?? grant.DueCents + grant.ClaimableCents)
                    && d.ReleaseCents >= 0 && d.ClaimCents >= 0 && d.ReleaseCents <= grant.DueCents && d.ClaimCents <= grant.ClaimableCents
                    && (d.ClaimCents == 0 || d.ReleaseCents == grant.DueCents)
                    && (d.Status == GrantStatus.Released) == (grant.PaidCents == 0 && d.ReleaseCents == grant.ServiceDoneCents)
                    && (d.Status == GrantStatus.Recovered) == (d.ReleaseCents == grant.DueCents && grant.PaidCents > 0 && grant.RecoveredCents + d.ClaimCents == grant.PaidCents);
        }));
    }
}
