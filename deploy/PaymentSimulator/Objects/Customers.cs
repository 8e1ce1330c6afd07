using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Customers.</summary>
public static class Customers
{
    /// <summary>Parameters of create and update.</summary>
    public static readonly string[] Parameters =
        ["name", "email", "description", "phone", "address", "shipping", "preferred_locales", "metadata", "payment_method", "invoice_settings", "tax_exempt"];

    /// <summary><c>POST /v1/customers</c></summary>
    public static async Task<Answer> Create(Session session, Form form, string id)
    {
        var customer = new JsonObject
        {
            ["id"] = Json.NewId("cus"),
            ["object"] = "customer",
            ["address"] = null,
            ["balance"] = 0,
            ["created"] = session.Now,
            ["currency"] = null,
            ["default_source"] = null,
            ["delinquent"] = false,
            ["description"] = null,
            ["discount"] = null,
            ["email"] = null,
            ["invoice_settings"] = new JsonObject { ["default_payment_method"] = null },
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["name"] = null,
            ["phone"] = null,
            ["preferred_locales"] = new JsonArray(),
            ["shipping"] = null,
            ["tax_exempt"] = "none",
        };
        Fill(customer, form);
        session.Put(customer);
        if (form.Filled("payment_method") is { } method && await PaymentMethods.Save(session, method, customer.Id()) is { } refusal)
            return refusal;
        session.Emit("customer.created", customer);
        return Answer.Ok(customer);
    }

    /// <summary><c>POST /v1/customers/{id}</c></summary>
    public static async Task<Answer> Update(Session session, Form form, string id)
    {
        if (await Find(session, id) is not { } customer)
            return Answer.Missing("customer", id);
        Fill(customer, form);
        session.Put(customer);
        session.Emit("customer.updated", customer);
        return Answer.Ok(customer);
    }

    /// <summary><c>GET /v1/customers/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("customer", id, toChange: false) is not { } customer ? Answer.Missing("customer", id)
        : Answer.Ok(customer.Flag("deleted") ? Tombstone(id) : customer);

    /// <summary><c>GET /v1/customers</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/customers", "customer", ["email"]);

    /// <summary><c>DELETE /v1/customers/{id}</c>: also forgets its payment methods.</summary>
    public static async Task<Answer> Delete(Session session, Form form, string id)
    {
        if (await Find(session, id) is not { } customer)
            return Answer.Missing("customer", id);
        foreach (var method in await session.Find("payment_method", "customer", id))
        {
            method["customer"] = null;
            session.Put(method);
        }

        customer["deleted"] = true;
        session.Put(customer);
        session.Emit("customer.deleted", customer);
        return Answer.Ok(Tombstone(id));
    }

    /// <summary>A customer that is not deleted.</summary>
    public static async Task<JsonObject?> Find(Session session, string? id) =>
        await session.Load("customer", id) is { } customer && !customer.Flag("deleted") ? customer : null;

    private static JsonObject Tombstone(string id) => new() { ["id"] = id, ["object"] = "customer", ["deleted"] = true };

    private static void Fill(JsonObject customer, Form form)
    {
        foreach (var name in (string[])["name", "email", "description", "phone", "tax_exempt"])
        {
            if (form.Text(name) is { } value)
                customer[name] = value.Length == 0 ? null : value;
        }

        if (form.Text("address") is "")
            customer["address"] = null;
        else if (form.Has("address"))
        {
            var address = customer["address"] as JsonObject ?? [];
            foreach (var part in (string[])["city", "country", "line1", "line2", "postal_code", "state"])
                address[part] = form.Text($"address[{part}]") is { } text ? (text.Length == 0 ? null : text) : address[part]?.DeepClone();
            customer["address"] = address.DeepClone();
        }

        if (form.Has("preferred_locales"))
            customer["preferred_locales"] = Json.Array(form.Items("preferred_locales"));
        Metadata.Merge(customer, form);
    }
}
