using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dapper;
using Marketplace.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Accreditation.Tests;

/// <summary>One running service for the classes that leave its clock alone.</summary>
[CollectionDefinition(Name)]
public sealed class SharedService : ICollectionFixture<AccreditationService>
{
    public const string Name = "accreditation";
}

/// <summary>The service with the steps that tests take again and again.</summary>
public sealed class AccreditationService(TestPostgres postgres) : IAsyncLifetime
{
    public static readonly byte[] Pdf = "%PDF-1.7\nattestation"u8.ToArray();

    private ServiceProcess? process;

    public ServiceProcess Process => process ?? throw new InvalidOperationException("The service has not started.");

    public TestIdentity Identity => Process.Identity;

    public async ValueTask InitializeAsync() => process = await ServiceProcess.StartAsync("services/Accreditation", await postgres.NewDatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>How far the clock was moved.</summary>
    private TimeSpan offset;

    /// <summary>Moves the clock to an instant (UTC) in its future; what is due by then has happened when this returns.</summary>
    public async Task AdvanceToAsync(DateTime instant)
    {
        var by = TimeSpan.FromSeconds(Math.Ceiling((instant - DateTime.UtcNow - offset).TotalSeconds));
        offset += by;
        await Process.AdvanceClockAsync(by);
    }

    public Task<HttpAnswer> PostAsync(string path, object? body, string? token) => Process.PostAsync("/api/accreditation" + path, body, token);

    public Task<HttpAnswer> GetAsync(string path, string? token = null) => Process.GetAsync("/api/accreditation" + path, token);

    /// <summary>A new draft; its id.</summary>
    public async Task<Guid> OpenAsync(string provider, string[]? categories = null, string[]? territories = null)
    {
        var answer = await PostAsync("/applications", new { categories = categories ?? ["antivirus"], territories = territories ?? ["59", "62"] }, provider);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Body.GetProperty("id").GetGuid();
    }

    /// <summary>Puts in a document.</summary>
    public async Task<HttpAnswer> UploadAsync(Guid application, string criterion, string token, byte[]? content = null, string? contentType = "application/pdf", string query = "", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/accreditation/applications/{application}/evidence/{criterion}{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = new ByteArrayContent(content ?? Pdf);
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await Process.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer(response.StatusCode, response.Headers, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>A draft with all mandatory documents, handed in; its id.</summary>
    public async Task<Guid> SubmitAsync(string provider, string[]? categories = null, string[]? territories = null, string query = "")
    {
        var id = await OpenAsync(provider, categories, territories);
        foreach (var key in new[] { "kbis-extract", "liability-insurance", "passi-qualification" })
        {
            Assert.Equal(HttpStatusCode.OK, (await UploadAsync(id, key, provider, query: query)).Status);
        }

        Assert.Equal("submitted", (await PostAsync($"/applications/{id}/submit", null, provider)).Body.GetProperty("status").GetString());
        return id;
    }

    public Task<HttpAnswer> EvaluateAsync(Guid application, string assessor, bool met = true) =>
        PostAsync($"/applications/{application}/evaluation", new { findings = new[] { new { criterionKey = "kbis-extract", met, note = "vu" } } }, assessor);

    public Task<HttpAnswer> DecideAsync(Guid application, string assessor, string decision = "grant", string? reason = "dossier complet") =>
        PostAsync($"/applications/{application}/decision", new { decision, reason }, assessor);

    /// <summary>A submitted and evaluated application; its id.</summary>
    public async Task<Guid> ReachReviewAsync(string provider, string[]? categories = null, string[]? territories = null, string query = "")
    {
        var id = await SubmitAsync(provider, categories, territories, query);
        Assert.Equal("review", (await EvaluateAsync(id, Identity.Staff("assessor"))).Body.GetProperty("status").GetString());
        return id;
    }

    /// <summary>A granted accreditation; its id.</summary>
    public async Task<Guid> GrantAsync(string provider, string[]? categories = null, string[]? territories = null, string query = "")
    {
        var answer = await DecideAsync(await ReachReviewAsync(provider, categories, territories, query), Identity.Staff("assessor"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Body.GetProperty("accreditationId").GetGuid();
    }

    /// <summary>
    /// Holds the row, sends every request, lets go only when all of them wait for it: what they decide on without the
    /// row's lock is then out of date.
    /// </summary>
    public async Task<HttpAnswer[]> AllAtOnceAsync(string table, Guid id, int count, Func<int, Task<HttpAnswer>> request)
    {
        await using var db = new NpgsqlConnection(Process.ConnectionString);
        await db.OpenAsync();
        await using var transaction = await db.BeginTransactionAsync();
        await db.ExecuteAsync($"select 1 from {table} where id = @id for update", new { id });
        var answers = Enumerable.Range(0, count).Select(request).ToList();
        while (await db.QuerySingleAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'; select pg_stat_clear_snapshot()") < count)
        {
            Assert.DoesNotContain(answers, a => a.IsCompleted);
            await Task.Delay(10);
        }

        await transaction.CommitAsync();
        return await Task.WhenAll(answers);
    }
}
