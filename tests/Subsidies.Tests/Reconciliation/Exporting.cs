using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Marketplace.Platform.Identity;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>The reconciliation as a file, and who may see it.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class Exporting(ReconcilingService reconciling)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task every_grant_is_a_row_from_its_act_to_its_booking()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Bank.Service, ("name", "=HYPERLINK(\"x\"); \"Cyber\""));
        var provider = TestProvider.New("Artois; Cyber");
        var placed = await ServiceDone.DeliverAsync(Bank.Service, programme, provider, 246_90, 100_00);
        var transfer = (await Bank.OrderAsync(programme, [provider]))[0];
        await Bank.ImportAsync(new Line(173_45, transfer.EndToEndId));

        var (english, bytes) = await ExportAsync($"format=csv&programmeId={programme}");
        var (french, _) = await ExportAsync($"culture=fr&programmeId={programme}");

        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var lines = english.Split("\r\n");
        Assert.Equal(4, lines.Length);
        Assert.StartsWith("Act number,Programme,Funder,Beneficiary,SIREN,Pool,Provider,", lines[0]);
        Assert.Contains($"\"'=HYPERLINK(\"\"x\"\"); \"\"Cyber\"\"\",Ville,Boulangerie d'essai,{placed[0].Siren},{placed[0].PoolId},Artois; Cyber,paid,123.45,123.45,123.45,123.45,123.45,0.00,{transfer.RunNumber},", lines[1]);
        Assert.EndsWith($",{transfer.EndToEndId},paid,exact,{ServiceDone.Today:yyyy-MM-dd},0.00", lines[1]);
        Assert.StartsWith("ACT-", lines[1]);
        var titles = french.Split("\r\n")[0];
        Assert.StartsWith("Numéro d'acte;Dispositif;Financeur;Bénéficiaire;SIREN;", titles);
        Assert.Contains(";123,45;123,45;", french);
        Assert.Contains(";\"Artois; Cyber\";", french);
        Assert.EndsWith($";{ServiceDone.Today:dd/MM/yyyy};0,00\r\n", french);
    }

    [Fact]
    public async Task what_is_not_paid_shows_its_outcome_and_difference_and_days_choose_runs()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00);
        await Bank.ImportAsync(new Line(60_00, transfers[0].EndToEndId));

        var (all, _) = await ExportAsync($"programmeId={transfers[0].Programme}");

        Assert.Contains($"{transfers[0].EndToEndId},ordered,partial,{ServiceDone.Today:yyyy-MM-dd},100.00\r\n", all);
        Assert.Contains($"{transfers[1].EndToEndId},ordered,,,70.00\r\n", all);
        Assert.Equal(all, (await ExportAsync($"programmeId={transfers[0].Programme}&from={ServiceDone.Today:yyyy-MM-dd}&to={ServiceDone.Today.AddDays(1):yyyy-MM-dd}")).Text);
        Assert.Single((await ExportAsync($"programmeId={transfers[0].Programme}&to={ServiceDone.Today:yyyy-MM-dd}")).Text.TrimEnd().Split("\r\n"));
        Assert.Equal(170_00, (await Bank.ReconciliationAsync(transfers[0].Programme, $"&from={ServiceDone.Today:yyyy-MM-dd}")).GetProperty("openCents").GetInt64());
        Assert.Equal(0, (await Bank.ReconciliationAsync(transfers[0].Programme, $"&to={ServiceDone.Today:yyyy-MM-dd}")).GetProperty("openCents").GetInt64());
    }

    [Theory]
    [InlineData("reconciliation?from=yesterday")]
    [InlineData("reconciliation?from=2026-13-01")]
    [InlineData("reconciliation?from=2026-02-01&to=2026-02-01")]
    [InlineData("reconciliation?programmeId=nobody")]
    [InlineData("reconciliation/export?format=xlsx")]
    [InlineData("reconciliation/export?culture=de")]
    [InlineData("reconciliation/export?to=0001-01-01")]
    public async Task a_wrong_question_is_refused(string question)
    {
        var answer = await Bank.Service.GetAsync($"/api/subsidies/{question}", Bank.Finance);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task only_finance_may_see_any_of_it()
    {
        var id = Guid.NewGuid();
        foreach (var path in new[] { "reconciliation", "reconciliation/export", "reconciliation/exceptions", $"reconciliation/exceptions/{id}", "bank-statements", $"bank-statements/{id}" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await Bank.Service.GetAsync($"/api/subsidies/{path}", Bank.Service.Identity.Staff(Roles.Buyer, Roles.Admin))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await Bank.Service.GetAsync($"/api/subsidies/{path}")).Status);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await Bank.SendAsync(Bank.Csv(new Line(1)), token: Bank.Service.Identity.Staff(Roles.Buyer))).Status);
    }

    private async Task<(string Text, byte[] Bytes)> ExportAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/subsidies/reconciliation/export?{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Bank.Finance);
        using var response = await Bank.Service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return (Encoding.UTF8.GetString(bytes.AsSpan(3)), bytes);
    }
}
