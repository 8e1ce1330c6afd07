using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>The account's statement: every movement of money is a balance transaction.</summary>
public static class Balances
{
    private const long Day = 24 * 3600;

    /// <summary>The simulator's card fee, that of a European card at Stripe's list price: 1.5 % rounded half up, and 25 cents.</summary>
    public static long CardFee(long amount) => (((amount * 150) + 5_000) / 10_000) + 25;

    /// <summary>Money of a charge can be used three days later.</summary>
    public static long UsuallyAvailable(long now) => now + (3 * Day);

    /// <summary>Writes one line: amount − fee = net.</summary>
    public static JsonObject Record(Session session, string source, string type, long amount, long fee, long availableOn) => session.Put(new JsonObject
    {
        ["id"] = Json.NewId("txn"),
        ["object"] = "balance_transaction",
        ["amount"] = amount,
        ["available_on"] = availableOn,
        ["balance_type"] = "payments",
        ["created"] = session.Now,
        ["currency"] = "eur",
        ["description"] = null,
        ["exchange_rate"] = null,
        ["fee"] = fee,
        ["fee_details"] = fee == 0 ? new JsonArray() : new JsonArray(new JsonObject
        {
            ["amount"] = fee,
            ["application"] = null,
            ["currency"] = "eur",
            ["description"] = "Stripe processing fees",
            ["type"] = "stripe_fee",
        }),
        ["net"] = amount - fee,
        ["reporting_category"] = type switch { "adjustment" => "dispute", "transfer_refund" => "transfer_reversal", _ => type },
        ["source"] = source,
        ["status"] = "pending",
        ["type"] = type,
    });

    /// <summary>Money that can be used now. Holds the balance until the end of the call, so that nothing is spent twice.</summary>
    public static async Task<long> Available(Session session)
    {
        await session.Flush();
        await using (var hold = new NpgsqlCommand("select pg_advisory_xact_lock(7221002)", session.Connection))
            await hold.ExecuteNonQueryAsync();
        return (await Sums(session)).Available;
    }

    /// <summary><c>GET /v1/balance</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id)
    {
        var (available, pending) = await Sums(session);
        return Answer.Ok(new JsonObject
        {
            ["object"] = "balance",
            ["available"] = Amounts(available),
            ["livemode"] = false,
            ["pending"] = Amounts(pending),
        });
    }

    /// <summary><c>GET /v1/balance_transactions</c></summary>
    public static async Task<Answer> List(Session session, Form form, string id)
    {
        if (form.Filled("payout") is { } payoutId)
        {
            if (await session.Load("payout", payoutId, toChange: false) is not { } payout)
                return Answer.Missing("payout", payoutId, "payout");
            if (!payout.Flag("automatic"))
                return Answer.WrongState("Only automatic payouts can be itemised.", "payout_reconciliation_not_ready");
        }

        return await Lists.Page(session, form, "/v1/balance_transactions", "balance_transaction", ["type", "source", "currency"],
            form.Filled("payout") is { } value ? ("_payout", value) : null);
    }

    /// <summary><c>GET /v1/balance_transactions/{id}</c></summary>
    public static async Task<Answer> GetTransaction(Session session, Form form, string id) =>
        await session.Load("balance_transaction", id, toChange: false) is { } line ? Answer.Ok(line) : Answer.Missing("balance_transaction", id);

    private static async Task<(long Available, long Pending)> Sums(Session session)
    {
        await using var command = new NpgsqlCommand("""
            select coalesce(sum((body->>'net')::bigint) filter (where (body->>'available_on')::bigint <= $1), 0)::bigint,
                   coalesce(sum((body->>'net')::bigint) filter (where (body->>'available_on')::bigint > $1), 0)::bigint
            from objects where kind = 'balance_transaction'
            """, session.Connection) { Parameters = { new() { Value = session.Now } } };
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static JsonArray Amounts(long amount) =>
        new(new JsonObject { ["amount"] = amount, ["currency"] = "eur", ["source_types"] = new JsonObject { ["card"] = amount } });
}
