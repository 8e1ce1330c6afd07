using Marketplace.Subsidies.Grants;

namespace Marketplace.Subsidies.Recoveries;

/// <summary>What a grant holds, cumulative, in cents.</summary>
public sealed record GrantMoney(string Status, long ServiceDoneCents, long OrderedCents, long PaidCents, long RecoveredCents)
{
    /// <summary>Due, in no payment run.</summary>
    public long DueCents => ServiceDoneCents - OrderedCents;

    /// <summary>Paid and not claimed back.</summary>
    public long ClaimableCents => PaidCents - RecoveredCents;
}

/// <summary>Why nothing is taken back.</summary>
public enum RecoveryRefusal
{
    /// <summary>It is taken back.</summary>
    None,

    /// <summary>A part of the grant is in a payment run: nobody knows yet whether it is paid.</summary>
    InPaymentRun,

    /// <summary>Nothing is due and nothing is paid.</summary>
    NothingToRecover,

    /// <summary>More is asked for than is due and paid.</summary>
    MoreThanPaid,
}

/// <summary>What taking aid back comes to.</summary>
/// <param name="Refusal">Why not, if not.</param>
/// <param name="ReleaseCents">Due money that returns to its envelope, in cents.</param>
/// <param name="ClaimCents">Paid money that is claimed back, in cents.</param>
/// <param name="Status">The grant's status afterwards (<see cref="GrantStatus"/>).</param>
public sealed record RecoveryDecision(RecoveryRefusal Refusal, long ReleaseCents, long ClaimCents, string Status)
{
    /// <summary>
    /// Takes back an amount, or all there is: first what was not paid yet, which nobody has to claim, then what was paid
    /// (DOMAIN §6, titre de recettes). Pure.
    /// </summary>
    /// <param name="grant">What it holds.</param>
    /// <param name="amountCents">In cents, > 0; null is everything.</param>
    public static RecoveryDecision Of(GrantMoney grant, long? amountCents)
    {
        var most = grant.DueCents + grant.ClaimableCents;
        var amount = amountCents ?? most;
        var refusal = grant.OrderedCents > grant.PaidCents ? RecoveryRefusal.InPaymentRun
            : most == 0 ? RecoveryRefusal.NothingToRecover
            : amount > most ? RecoveryRefusal.MoreThanPaid
            : RecoveryRefusal.None;
        if (refusal != RecoveryRefusal.None)
        {
            return new RecoveryDecision(refusal, 0, 0, grant.Status);
        }

        var release = Math.Min(amount, grant.DueCents);
        var claim = amount - release;
        var status = release < grant.DueCents ? grant.Status
            : grant.PaidCents == 0 ? GrantStatus.Released
            : claim == grant.ClaimableCents ? GrantStatus.Recovered
            : GrantStatus.Paid;
        return new RecoveryDecision(RecoveryRefusal.None, release, claim, status);
    }
}
