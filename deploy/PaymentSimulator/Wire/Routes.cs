using Marketplace.PaymentSimulator.Objects;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Stripe's addresses (wire contract §1.4).</summary>
public static class Routes
{
    private static readonly string[] Nothing = [];
    private static readonly string[] Reason = ["cancellation_reason"];

    /// <summary>Maps them.</summary>
    public static void MapStripe(this WebApplication app)
    {
        var api = app.Services.GetRequiredService<Api>();

        Post("customers", Customers.Create, Customers.Parameters);
        Get("customers", Customers.List, [.. Lists.Parameters, "email"]);
        Post("customers/{id}", Customers.Update, Customers.Parameters);
        Get("customers/{id}", Customers.Get, Nothing);
        Map("DELETE", "/v1/customers/{id}", Customers.Delete, Nothing);
        Get("customers/{id}/payment_methods", PaymentMethods.ListOfCustomer, [.. Lists.Parameters, "type"]);
        Get("payment_methods", PaymentMethods.List, [.. Lists.Parameters, "customer", "type"]);
        Get("payment_methods/{id}", PaymentMethods.Get, Nothing);
        Post("payment_methods/{id}/attach", PaymentMethods.Attach, ["customer"]);
        Post("payment_methods/{id}/detach", PaymentMethods.Detach, Nothing);
        Get("mandates/{id}", SepaDebits.GetMandate, Nothing);

        Post("setup_intents", SetupIntents.Create, SetupIntents.Parameters);
        Get("setup_intents", SetupIntents.List, [.. Lists.Parameters, "customer", "payment_method"]);
        Get("setup_intents/{id}", SetupIntents.Get, ["client_secret"]);
        Post("setup_intents/{id}/confirm", SetupIntents.Confirm, SetupIntents.ConfirmParameters);
        Post("setup_intents/{id}/cancel", SetupIntents.Cancel, Reason);

        Post("payment_intents", PaymentIntents.Create, PaymentIntents.Parameters);
        Get("payment_intents", PaymentIntents.List, [.. Lists.Parameters, "customer"]);
        Get("payment_intents/{id}", PaymentIntents.Get, ["client_secret"]);
        Post("payment_intents/{id}", PaymentIntents.Update, PaymentIntents.UpdateParameters);
        Post("payment_intents/{id}/confirm", PaymentIntents.Confirm, PaymentIntents.ConfirmParameters);
        Post("payment_intents/{id}/capture", Charges.Capture, ["amount_to_capture", "final_capture"]);
        Post("payment_intents/{id}/cancel", PaymentIntents.Cancel, Reason);
        Get("charges", Charges.List, [.. Lists.Parameters, "customer", "payment_intent", "transfer_group"]);
        Get("charges/{id}", Charges.Get, Nothing);

        Post("refunds", Refunds.Create, Refunds.Parameters);
        Get("refunds", Refunds.List, [.. Lists.Parameters, "payment_intent", "charge"]);
        Get("refunds/{id}", Refunds.Get, Nothing);
        Get("disputes", Disputes.List, [.. Lists.Parameters, "charge", "payment_intent"]);
        Get("disputes/{id}", Disputes.Get, Nothing);

        Post("accounts", Accounts.Create, Accounts.Parameters);
        Get("accounts/{id}", Accounts.Get, Nothing);
        Post("transfers", Transfers.Create, Transfers.Parameters);
        Get("transfers", Transfers.List, [.. Lists.Parameters, "transfer_group", "destination"]);
        Get("transfers/{id}", Transfers.Get, Nothing);
        Post("transfers/{id}/reversals", Transfers.Reverse, ["amount", "description", "metadata"]);
        Get("transfers/{id}/reversals", Transfers.Reversals, Lists.Parameters);

        Get("balance", Balances.Get, Nothing);
        Get("balance_transactions", Balances.List, [.. Lists.Parameters, "type", "source", "currency", "payout"]);
        Get("balance_transactions/{id}", Balances.GetTransaction, Nothing);
        Post("payouts", Payouts.Create, Payouts.Parameters);
        Get("payouts", Payouts.List, [.. Lists.Parameters, "status"]);
        Get("payouts/{id}", Payouts.Get, Nothing);
        Map("POST", "/simulator/payouts", Payouts.PayAll, Nothing);

        Get("events", Events.List, Events.Parameters);
        Get("events/{id}", Events.Get, Nothing);
        Post("webhook_endpoints", WebhookEndpoints.Create, WebhookEndpoints.Parameters);
        Get("webhook_endpoints", WebhookEndpoints.List, Lists.Parameters);
        Map("DELETE", "/v1/webhook_endpoints/{id}", WebhookEndpoints.Delete, Nothing);

        app.MapFallback(context => api.Handle(context, Unknown, Nothing));

        void Post(string path, Operation operation, string[] parameters) => Map("POST", $"/v1/{path}", operation, parameters);
        void Get(string path, Operation operation, string[] parameters) => Map("GET", $"/v1/{path}", operation, parameters);
        void Map(string method, string path, Operation operation, string[] parameters) =>
            app.MapMethods(path, [method], context => api.Handle(context, operation, parameters));

        static Task<Answer> Unknown(Session session, Form form, string id) =>
            Task.FromResult(Answer.Error(404, "invalid_request_error", "Unrecognized request URL; the payment simulator does not have it.") with { Stored = false });
    }
}
