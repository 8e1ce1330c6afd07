using System.Net;
using System.Text;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>The town's bank: it books what an approved run ordered, and the statement is imported.</summary>
public static class TownBank
{
    /// <summary>Every transfer of the run is booked today, whole.</summary>
    public static async Task PayAsync(ServiceProcess service, JsonElement run)
    {
        var receipt = await ImportAsync(service, ServiceDone.Today, [.. Transfers(run).Select(t => (t.Cents("amountCents"), t.Text("endToEndId")))]);
        Assert.Equal((HttpStatusCode.OK, run.GetProperty("transfers").GetArrayLength()), (receipt.Status, receipt.Body.GetProperty("exact").GetInt32()));
    }

    /// <summary>Of the run's only transfer a part is booked; a person lets the rest be paid again.</summary>
    public static async Task PayPartAsync(ServiceProcess service, JsonElement run, long cents)
    {
        var finance = service.Identity.Staff(Roles.Finance);
        Assert.Equal(HttpStatusCode.OK, (await ImportAsync(service, ServiceDone.Today, (cents, Transfers(run).Single().Text("endToEndId")))).Status);
        var open = (await service.GetAsync($"/api/subsidies/reconciliation/exceptions?status=open&programmeId={run.Text("programmeId")}", finance)).Body.GetProperty("items");
        var resolved = await service.PostAsync(
            $"/api/subsidies/reconciliation/exceptions/{Assert.Single(open.EnumerateArray()).Text("id")}/resolve", new { resolution = "pay-rest", reason = "La banque n'a payé qu'une partie" }, finance);
        Assert.Equal(HttpStatusCode.OK, resolved.Status);
    }

    /// <summary>A CSV statement with these debits on a day.</summary>
    public static async Task<HttpAnswer> ImportAsync(ServiceProcess service, DateOnly bookedOn, params (long Cents, string EndToEndId)[] debits)
    {
        var lines = debits.Select(d => $"{bookedOn:yyyy-MM-dd},{d.Cents},EUR,{d.EndToEndId},,");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/subsidies/bank-statements");
        request.Content = new StringContent(string.Join("\r\n", ["bookingDate,amountCents,currency,endToEndId,iban,reference", .. lines]), Encoding.UTF8, "text/csv");
        request.Headers.Authorization = new("Bearer", service.Identity.Staff(Roles.Finance));
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var response = await service.Http.SendAsync(request);
        return new HttpAnswer(response.StatusCode, response.Headers, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    private static JsonElement.ArrayEnumerator Transfers(JsonElement run) => run.GetProperty("transfers").EnumerateArray();
}
