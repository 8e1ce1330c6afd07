using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Objects;
using Marketplace.PaymentSimulator.Time;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Admin;

/// <summary>The page on which the card's owner approves or refuses, in place of their bank's.</summary>
public static class ThreeDSecure
{
    /// <summary>Asks the owner: the intent waits for the page's answer.</summary>
    public static void Demand(Session session, JsonObject intent)
    {
        var challenge = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var url = $"{session.Address}/simulator/authenticate/{intent.Id()}/{challenge}";
        intent["_challenge"] = challenge;
        intent["status"] = "requires_action";
        intent["next_action"] = intent.Text("_return_url") is { } back
            ? new JsonObject { ["type"] = "redirect_to_url", ["redirect_to_url"] = new JsonObject { ["return_url"] = back, ["url"] = url } }
            : new JsonObject { ["type"] = "use_stripe_sdk", ["use_stripe_sdk"] = new JsonObject { ["type"] = "three_d_secure_redirect", ["stripe_js"] = url } };
        session.Put(intent);
    }

    /// <summary>Shows the question.</summary>
    public static async Task Show(HttpContext context, NpgsqlDataSource database, TimeProvider time)
    {
        await using var connection = await database.OpenConnectionAsync();
        var session = NewSession(context, connection, time);
        await Page(context, await Waiting(session, context) is { } intent
            ? $"""
              <h1>Approve this {(intent.Text("object") == "payment_intent" ? "payment" : "card for later payments")}?</h1>
              <p>{(intent.Text("object") == "payment_intent" ? Euros(intent.Number("amount")) : "Nothing is charged now.")}</p>
              <form method="post"><button name="answer" value="approve">Approve</button> <button name="answer" value="refuse">Refuse</button></form>
              """
            : "<h1>Nothing to approve</h1><p>This request was answered already, or has been replaced.</p>");
    }

    /// <summary>Takes the answer, completes the intent and goes back to the merchant.</summary>
    public static async Task Take(HttpContext context, NpgsqlDataSource database, TimeProvider time, Wake wake)
    {
        string? choice = null;
        if (context.Request.HasFormContentType)
            choice = (await context.Request.ReadFormAsync())["answer"];
        if (choice is not ("approve" or "refuse"))
        {
            context.Response.StatusCode = 400;
            await Page(context, "<h1>Answer with approve or refuse</h1>");
            return;
        }

        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var session = NewSession(context, connection, time);
        if (await Waiting(session, context) is not { } intent)
        {
            await Page(context, "<h1>Nothing to approve</h1><p>This request was answered already, or has been replaced.</p>");
            return;
        }

        var back = intent.Text("_return_url");
        intent.Remove("_challenge");
        if (intent.Text("object") == "payment_intent")
            await Charging.Authenticated(session, intent, choice == "approve");
        else
            await SetupIntents.Authenticated(session, intent, choice == "approve");
        await session.Flush();
        await transaction.CommitAsync();
        wake.Up();
        if (back is null)
        {
            await Page(context, "<h1>Thank you</h1><p>You can close this page.</p>");
            return;
        }

        // Stripe also appends the client secret; leaving it out keeps secrets out of addresses, and nobody needs it there.
        var result = intent.Text("status") is "succeeded" or "requires_capture" ? "succeeded" : "failed";
        var separator = back.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = $"{back}{separator}{intent.Text("object")}={intent.Id()}&redirect_status={result}";
    }

    private static async Task<JsonObject?> Waiting(Session session, HttpContext context)
    {
        var id = (string)context.GetRouteValue("id")!;
        var intent = await session.Load("payment_intent", id) ?? await session.Load("setup_intent", id);
        return intent?.Text("status") == "requires_action"
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(intent.Text("_challenge") ?? ""), Encoding.UTF8.GetBytes((string)context.GetRouteValue("challenge")!))
            ? intent : null;
    }

    private static Session NewSession(HttpContext context, NpgsqlConnection connection, TimeProvider time) =>
        new(connection, time.GetUtcNow(), Json.NewId("req"), null, $"{context.Request.Scheme}://{context.Request.Host}");

    private static string Euros(long cents) => WebUtility.HtmlEncode((cents / 100m).ToString("0.00", CultureInfo.InvariantCulture) + " EUR");

    private static Task Page(HttpContext context, string content)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync($$"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>Simulated bank</title>
            <style>body{font:1rem sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style>
            <p><strong>Simulation: no real card, no money.</strong></p>{{content}}</html>
            """);
    }
}
