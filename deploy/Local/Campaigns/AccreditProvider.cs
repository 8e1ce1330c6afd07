using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>A provider's application for accreditation.</summary>
/// <param name="Path">Of the API.</param>
/// <param name="Provider">Its name.</param>
/// <param name="Criteria">What it has to prove.</param>
internal sealed record Application(string Path, string Provider, Account Account, IReadOnlyList<Criterion> Criteria);

/// <summary>A criterion that asks for a document, and the day until which the document is good (<c>yyyy-MM-dd</c>).</summary>
internal sealed record Criterion(string Key, string? ExpiresOn);

/// <summary>A provider registers, applies with its evidence, is evaluated by one assessor and granted by another.</summary>
internal static class AccreditProvider
{
    public static async Task RunAsync(Stage stage, CampaignEntry provider, CancellationToken ct)
    {
        var application = await ApplyAsync(stage, provider, ct);
        await HandInAsync(stage, application, application.Criteria, ct);
        await SubmitAsync(stage, application, ct);
        await EvaluateAsync(stage, application, ct);

        var decision = new JsonObject { ["decision"] = "grant", ["reason"] = "Tous les critères obligatoires sont remplis." };
        (await stage.Api.PostAsync($"{application.Path}/decision", decision, stage.Town.SecondAssessor, ct)).OrThrow();
        stage.Step($"Provider {provider.Text("name")}");
    }

    /// <summary>Registers, and opens an application.</summary>
    public static async Task<Application> ApplyAsync(Stage stage, CampaignEntry provider, CancellationToken ct)
    {
        var account = await PrepareMarketplace.RegisterAsync(stage, "provider", provider, ct);
        stage.Providers[provider.Key] = account;

        var scope = new JsonObject { ["categories"] = provider.Fields["categories"]!.DeepClone(), ["territories"] = provider.Fields["territories"]!.DeepClone() };
        var id = (await stage.Api.PostAsync("/api/accreditation/applications", scope, account, ct)).OrThrow().Text("id");
        return new Application($"/api/accreditation/applications/{id}", provider.Text("name")!, account, await MandatoryCriteriaAsync(stage, provider.Texts("categories"), ct));
    }

    /// <summary>Hands in a document for each of these criteria.</summary>
    public static async Task HandInAsync(Stage stage, Application application, IEnumerable<Criterion> criteria, CancellationToken ct)
    {
        foreach (var (key, expiresOn) in criteria)
        {
            var path = $"{application.Path}/evidence/{key}{(expiresOn is null ? "" : "?expiresOn=" + expiresOn)}";
            (await stage.Api.PutFileAsync(path, EvidencePdf.Of($"{application.Provider} - {key}"), "application/pdf", application.Account, ct)).OrThrow();
        }
    }

    public static async Task SubmitAsync(Stage stage, Application application, CancellationToken ct) =>
        (await stage.Api.PostAsync($"{application.Path}/submit", null, application.Account, ct)).OrThrow();

    /// <summary>The first assessor finds every criterion met.</summary>
    public static async Task EvaluateAsync(Stage stage, Application application, CancellationToken ct)
    {
        var findings = application.Criteria.Select(criterion => (JsonNode)new JsonObject { ["criterionKey"] = criterion.Key, ["met"] = true, ["note"] = "Pièce conforme." }).ToArray();
        var evaluation = new JsonObject { ["findings"] = new JsonArray(findings) };
        (await stage.Api.PostAsync($"{application.Path}/evaluation", evaluation, stage.Town.Assessor, ct)).OrThrow();
    }

    /// <summary>The criteria of the current scheme that the provider's categories make mandatory, and until when its evidence is good.</summary>
    private static async Task<List<Criterion>> MandatoryCriteriaAsync(Stage stage, IReadOnlyList<string> categories, CancellationToken ct)
    {
        var scheme = (await stage.Api.GetAsync("/api/accreditation/schemes/current", null, ct)).OrThrow().Body;
        return scheme.GetProperty("criteria").EnumerateArray()
            .Where(criterion => criterion.GetProperty("mandatory").GetBoolean() && Concerns(criterion, categories))
            .Select(criterion => new Criterion(criterion.GetProperty("key").GetString()!, ExpiresOn(criterion, stage.Now)))
            .ToList();
    }

    private static bool Concerns(JsonElement criterion, IReadOnlyList<string> categories) =>
        !criterion.TryGetProperty("categories", out var named) || named.ValueKind != JsonValueKind.Array || named.GetArrayLength() == 0
        || named.EnumerateArray().Any(category => categories.Contains(category.GetString()));

    private static string? ExpiresOn(JsonElement criterion, DateTimeOffset now) =>
        criterion.TryGetProperty("validityMonths", out var months) && months.ValueKind == JsonValueKind.Number
            ? DateOnly.FromDateTime(now.UtcDateTime).AddMonths(months.GetInt32()).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null;
}
