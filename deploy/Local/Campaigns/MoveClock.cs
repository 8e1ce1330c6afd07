using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml;

namespace Marketplace.Local.Campaigns;

/// <summary>The administrator moves the marketplace's clock forward; what has become due happens before the answer.</summary>
internal static class MoveClock
{
    /// <summary>Until an instant has passed; not at all when it has.</summary>
    public static async Task PastAsync(Stage stage, DateTimeOffset instant, CancellationToken ct)
    {
        var now = stage.Now;
        while (now < instant)
        {
            now = await ByAsync(stage, TimeSpan.FromSeconds(Math.Ceiling((instant - now).TotalSeconds)), ct);
        }
    }

    /// <summary>By a span of more than zero.</summary>
    public static async Task<DateTimeOffset> ByAsync(Stage stage, TimeSpan span, CancellationToken ct)
    {
        var answer = await stage.Api.PostAsync("/api/local/clock", new JsonObject { ["advance"] = XmlConvert.ToString(span) }, stage.Town.Admin, ct);
        return DateTimeOffset.Parse(answer.OrThrow().Text("now")!, CultureInfo.InvariantCulture);
    }
}
