using Marketplace.Platform.Answers;
using Marketplace.Platform.Time;
using Marketplace.PooledOrders.Commitments;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>The rules of declaring and accepting deliveries (DOMAIN §6), pure.</summary>
public static class Declaring
{
    /// <summary>How long a business may stay silent before its silence accepts, counted from the declaration's instant.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromDays(7);

    /// <summary>Whether the business has been silent for too long to still refuse, and the provider to still correct.</summary>
    public static bool IsOver(DateTime declaredAt, DateTime now) => now >= declaredAt + Silence;

    /// <summary>400 when the day of the delivery lies in the future or before the day the pool closed; null when it is fine.</summary>
    public static Problem? OnAnotherDay(DateOnly deliveredOn, DateTime closedAt, DateTime now)
    {
        if (deliveredOn > ParisDays.Of(now))
        {
            return Problem.Invalid("deliveredOn", $"A delivery is declared once it is done; today is {ParisDays.Of(now):yyyy-MM-dd}.");
        }

        return deliveredOn < ParisDays.Of(closedAt)
            ? Problem.Invalid("deliveredOn", $"Nothing was ordered before the pool closed on {ParisDays.Of(closedAt):yyyy-MM-dd}.")
            : null;
    }

    /// <summary>400 when more is declared than was ordered; null when it is fine.</summary>
    public static Problem? TooMany(int quantity, int ordered) =>
        quantity > ordered ? Problem.Invalid("quantity", $"At most what was ordered can be delivered: {ordered}.") : null;

    /// <summary>
    /// 409 <c>wrong-status</c> unless the commitment is paid, or delivered and still within the business's seven days, when
    /// a declaration may be corrected; null when it is fine.
    /// </summary>
    public static Problem? NotNow(CommitmentRow commitment, DateTime now) => commitment switch
    {
        { Status: CommitmentStatus.Paid } => null,
        { Status: CommitmentStatus.Delivered, DeclaredAt: { } declaredAt } when !IsOver(declaredAt, now) => null,
        _ => Problem.Conflict("wrong-status", "No delivery can be declared for this commitment now.", $"It is {commitment.Status}; a delivery is declared once it is paid, and corrected until it is accepted."),
    };

    /// <summary>409 <c>wrong-status</c> unless a delivery waits for the business's answer; null when it is fine.</summary>
    public static Problem? NotToAnswer(CommitmentRow commitment, bool accepted, DateTime now) => commitment switch
    {
        { Status: CommitmentStatus.Delivered, DeclaredAt: { } declaredAt } when accepted || !IsOver(declaredAt, now) => null,
        { Status: CommitmentStatus.Delivered } => Problem.Conflict("wrong-status", "The delivery can no longer be refused.", "Seven days have passed since it was declared: it counts as accepted."),
        _ => Problem.Conflict("wrong-status", "There is no delivery to accept or refuse.", $"The commitment is {commitment.Status}."),
    };
}
