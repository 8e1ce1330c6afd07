using Dapper;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Payments;

/// <summary>The payment provider's customer of a business, and the method it saved for a commitment (SetupIntent); each made once.</summary>
public sealed class SavedMethods(StripeClient stripe, Session session)
{
    /// <summary>The failure code of a commitment for which no method was given.</summary>
    public const string Missing = "payment-method-missing";

    /// <summary>Finds what was saved, or saves it.</summary>
    /// <returns>
    /// Customer and method where they can be charged; a code where something is wrong; and whether the payment provider
    /// gave an answer at all.
    /// </returns>
    public async Task<(string? Customer, string? Method, string? Code, bool IsKnown)> FindOrSaveAsync(PaymentRow payment, CancellationToken ct)
    {
        if (payment.PaymentMethod is null)
        {
            return (null, null, Missing, true);
        }

        if (payment is { CustomerId: not null, SetupIntentId: not null })
        {
            return (payment.CustomerId, payment.PaymentMethod, null, true);
        }

        var db = await session.OpenAsync(ct);
        var customer = payment.CustomerId;
        if (customer is null)
        {
            var created = await stripe.CreateCustomerAsync(
                payment.OrganisationName, null, new Dictionary<string, string> { ["organisation_id"] = payment.OrganisationId.ToString() }, $"cus:{payment.OrganisationId}", ct);
            if (!created.IsSuccess)
            {
                return (null, null, created.Error.Code, created.Outcome != StripeOutcome.Unknown);
            }

            customer = created.Value.Id;
            await db.ExecuteAsync("insert into payment_customer (organisation_id, customer_id) values (@OrganisationId, @customer) on conflict do nothing", new { payment.OrganisationId, customer });
        }

        // A bank that wants its customer present cannot be asked from here; the charge will say so, and the business
        // authenticates on-session.
        var setup = await stripe.CreateSetupIntentAsync(customer, payment.PaymentMethod, null, Metadata(payment), $"seti:{payment.CommitmentId}:{payment.PaymentMethod}", ct);
        if (setup is { IsSuccess: true, Value.Status: "requires_action" })
        {
            return (customer, payment.PaymentMethod, "authentication_required", true);
        }

        if (setup is not { IsSuccess: true, Value: { Status: "succeeded", PaymentMethod: { } method } })
        {
            return (customer, null, setup.Error?.DeclineCode ?? setup.Error?.Code ?? "setup-failed", setup.Outcome != StripeOutcome.Unknown);
        }

        await db.ExecuteAsync(
            "update payment set setup_intent_id = @setupIntent, payment_method = @method where commitment_id = @CommitmentId",
            new { setupIntent = setup.Value.Id, method = method.Id, payment.CommitmentId });
        return (customer, method.Id, null, true);
    }

    /// <summary>Ties an object of the payment provider to the commitment; no personal data.</summary>
    public static Dictionary<string, string> Metadata(PaymentRow payment) => new() { ["commitment_id"] = payment.CommitmentId.ToString() };
}
