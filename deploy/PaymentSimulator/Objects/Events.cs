using Marketplace.PaymentSimulator.Wire;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Events: what changed, in the order in which it was committed.</summary>
public static class Events
{
    private const string Undelivered = "exists (select from deliveries d where d.event = objects.id)";

    /// <summary>Parameters of list.</summary>
    public static readonly string[] Parameters = [.. Lists.Parameters, "type", "types", "delivery_success"];

    /// <summary><c>GET /v1/events/{id}</c></summary>
    public static async Task<Answer> Get(Session session, Form form, string id) =>
        await session.Load("event", id, toChange: false) is { } found ? Answer.Ok(found) : Answer.Missing("event", id);

    /// <summary><c>GET /v1/events</c></summary>
    public static Task<Answer> List(Session session, Form form, string id)
    {
        var types = form.Items("types");
        if (types.Length > 20)
            return Task.FromResult(Answer.Invalid("You may list up to 20 types.", "parameter_invalid_string", "types"));
        if (types.Any(type => type.AsSpan().ContainsAnyExcept(TypeCharacters)))
            return Task.FromResult(Answer.Invalid("Invalid event type.", "parameter_invalid_string", "types"));
        var where = (form.Filled("delivery_success"), types.Length) switch
        {
            ("false", _) => Undelivered,
            ("true", _) => $"not {Undelivered}",
            _ => "true",
        };
        // Safe to inline: the types hold nothing but letters, dots, underscores and stars.
        if (types.Length > 0)
            where += $" and body->>'type' in ({string.Join(", ", types.Select(type => $"'{type}'"))})";
        return Lists.Page(session, form, "/v1/events", "event", ["type"], where: where);
    }

    private static readonly System.Buffers.SearchValues<char> TypeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz_.*0123456789");
}
