using System.Buffers;
using System.Text.Json;
using Marketplace.Platform.Requests;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform.Answers;

/// <summary>What a command or a query came to: a body, nothing, or a <see cref="Problem"/>. It writes itself as the HTTP answer.</summary>
public sealed class Answer : IResult
{
    private byte[]? json;

    private Answer(int status, object? body = null, Problem? problem = null, string? location = null, long? version = null, byte[]? stored = null)
    {
        Status = status;
        Body = body;
        Problem = problem;
        Location = location;
        Version = version;
        Stored = stored;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>The object to write as JSON, if any.</summary>
    public object? Body { get; }

    /// <summary>The refusal, if it is one.</summary>
    public Problem? Problem { get; }

    /// <summary>Where the created object is.</summary>
    public string? Location { get; }

    /// <summary>The entity's version, sent as <c>ETag</c>.</summary>
    public long? Version { get; }

    /// <summary>The bytes of a first answer that is given again (<c>Idempotency-Replayed: true</c>).</summary>
    public byte[]? Stored { get; }

    /// <summary>True when nothing was changed because a rule refused.</summary>
    public bool Refused => Status >= 400;

    /// <summary>200 with a body.</summary>
    public static Answer Ok(object body, long? version = null) => new(200, body, version: version);

    /// <summary>201 with a body and its address, where it has one.</summary>
    public static Answer Created(string? location, object body, long? version = null) => new(201, body, location: location, version: version);

    /// <summary>204.</summary>
    public static Answer Done() => new(204);

    /// <summary>A first answer, given again.</summary>
    public static Answer Replay(int status, byte[] body, string? location, long? version) => new(status, location: location, version: version, stored: body);

    /// <summary>A refusal.</summary>
    public static implicit operator Answer(Problem problem) => new(problem.Status, problem: problem);

    /// <summary>The JSON of the body or the problem; empty when there is none.</summary>
    public byte[] ToUtf8Json() => json ??= this switch
    {
        { Stored: not null } => Stored,
        { Problem: not null } => ProblemJson(Problem),
        { Body: not null } => JsonSerializer.SerializeToUtf8Bytes(Body, Body.GetType(), Json.Options),
        _ => [],
    };

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (Version is not null)
        {
            response.Headers.ETag = $"\"{Version}\"";
        }

        if (Stored is not null)
        {
            response.Headers["Idempotency-Replayed"] = "true";
        }

        var body = ToUtf8Json();
        if (body.Length == 0)
        {
            return;
        }

        response.ContentType = Status >= 400 ? Problem.ContentType : "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private static byte[] ProblemJson(Problem problem)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Json.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("type", $"urn:marketplace:problem:{problem.Slug}");
        writer.WriteString("title", problem.Title);
        writer.WriteNumber("status", problem.Status);
        if (problem.Detail is not null)
        {
            writer.WriteString("detail", problem.Detail);
        }

        if (problem.Errors is not null)
        {
            writer.WritePropertyName("errors");
            JsonSerializer.Serialize(writer, problem.Errors, Json.Options);
        }

        foreach (var (name, value) in problem.More ?? new Dictionary<string, object?>())
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, Json.Options);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
