using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>A provider registers, applies with its evidence, is evaluated by one assessor and granted by another.</summary>
internal static class AccreditProvider
{
    public static async Task RunAsync(Stage stage, CampaignEntry provider, CancellationToken ct)
    {
        var account = await PrepareMarketplace.RegisterAsync(stage, "provider", provider, ct);
        stage.Providers[provider.Key] = account;

        var scope = new JsonObject { ["categories"] = provider.Fields["categories"]!.DeepClone(), ["territories"] = provider.Fields["territories"]!.DeepClone() };
        var application = (await stage.Api.PostAsync("/api/accreditation/applications", scope, account, ct)).OrThrow().Text("id");
        var criteria = await MandatoryCriteriaAsync(stage, provider.Texts("categories"), ct);
        foreach (var (key, expiresOn) in criteria)
        {
            var path = $"/api/accreditation/applications/{application}/evidence/{key}{(expiresOn is null ? "" : "?expiresOn=" + expiresOn)}";
            (await stage.Api.PutFileAsync(path, EvidencePdf.Of($"{provider.Text("name")} - {key}"), "application/pdf", account, ct)).OrThrow();
        }

        (await stage.Api.PostAsync($"/api/accreditation/applications/{application}/submit", null, account, ct)).OrThrow();

        var findings = criteria.Select(criterion => (JsonNode)new JsonObject { ["criterionKey"] = criterion.Key, ["met"] = true, ["note"] = "Pièce conforme." }).ToArray();
        var evaluation = new JsonObject { ["findings"] = new JsonArray(findings) };
        (await stage.Api.PostAsync($"/api/accreditation/applications/{application}/evaluation", evaluation, stage.Town.Assessor, ct)).OrThrow();

        var decision = new JsonObject { ["decision"] = "grant", ["reason"] = "Tous les critères obligatoires sont remplis." };
        (await stage.Api.PostAsync($"/api/accreditation/applications/{application}/decision", decision, stage.Town.SecondAssessor, ct)).OrThrow();
        stage.Step($"Provider {provider.Text("name")}");
    }

    /// <summary>The criteria of the current scheme that the provider's categories make mandatory, and until when its evidence is good.</summary>
    private static async Task<List<(string Key, string? ExpiresOn)>> MandatoryCriteriaAsync(Stage stage, IReadOnlyList<string> categories, CancellationToken ct)
    {
        var scheme = (await stage.Api.GetAsync("/api/accreditation/schemes/current", null, ct)).OrThrow().Body;
        return scheme.GetProperty("criteria").EnumerateArray()
            .Where(criterion => criterion.GetProperty("mandatory").GetBoolean() && Concerns(criterion, categories))
            .Select(criterion => (criterion.GetProperty("key").GetString()!, ExpiresOn(criterion, stage.Now)))
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
