using System.Net;
using System.Net.Http.Headers;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Tests;
using Marketplace.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Platform.Tests;

/// <summary>The small service of <c>Notes/</c>, built on the Platform as every service is, as a process on its own database.</summary>
public sealed class NotesService(TestPostgres postgres) : IAsyncLifetime
{
    public const string Folder = "tests/Platform.Tests/Notes";
    private ServiceProcess? process;

    public ServiceProcess Process => process ?? throw new InvalidOperationException("The service has not started.");

    public string Token { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        process = await ServiceProcess.StartAsync(Folder, await postgres.NewDatabaseAsync());
        Token = process.Identity.Staff(Roles.Buyer);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }

    public Task<HttpAnswer> WriteAsync(object? body, string? key = null, string? token = null) => Process.PostAsync("/api/notes", body, token ?? Token, key);

    public async Task<Guid> WrittenAsync(string title = "Réunion de quartier", int weight = 5, DateTime? dueAt = null)
    {
        var answer = await WriteAsync(new { title, weight, dueAt });
        Assert.True(answer.Status == HttpStatusCode.Created, $"{answer.Status} {answer.Body} {Process.Output}");
        return answer.Body.GetProperty("id").GetGuid();
    }

    public Task<HttpAnswer> StampAsync(Guid note, string? key, string ink = "blue", string? token = null) => Process.PostAsync($"/api/notes/{note}/stamps", new { ink }, token ?? Token, key);

    /// <summary>Sends bytes as they are.</summary>
    public async Task<HttpAnswer> SendRawAsync(HttpMethod method, string path, byte[]? body, string? contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }

        using var response = await Process.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (text.Length > 0)
        {
            Assert.Equal(response.IsSuccessStatusCode ? "application/json" : "application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        return new HttpAnswer(response.StatusCode, response.Headers, text.Length == 0 ? default : System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(text));
    }

    public Task<T> ValueAsync<T>(string sql, object? parameters = null) => Database.ValueAsync<T>(Process, sql, parameters);
}

internal static class Database
{
    public static async Task<T> ValueAsync<T>(ServiceProcess process, string sql, object? parameters = null)
    {
        await using var db = new NpgsqlConnection(process.ConnectionString);
        return (await db.ExecuteScalarAsync<T>(sql, parameters))!;
    }
}

internal static class Answers
{
    public static string Error(this HttpAnswer answer, string field)
    {
        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{answer.Status} {answer.Body}");
        Assert.Equal("invalid-input", answer.Problem);
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out var messages), $"'{field}' is not in {answer.Body}");
        return messages[0].GetString()!;
    }

    public static bool IsReplay(this HttpAnswer answer) => answer.Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Single() == "true";
}

internal static class Eventually
{
    /// <summary>Waits until the condition holds.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> otherwise, int seconds = 30)
    {
        var until = DateTime.UtcNow.AddSeconds(seconds);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < until, otherwise());
            await Task.Delay(50);
        }
    }
}
