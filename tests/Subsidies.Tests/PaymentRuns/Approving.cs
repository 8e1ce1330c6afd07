using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.PaymentRuns;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>Four eyes, the bank's file, and the way back before the approval.</summary>
[Collection(SharedPayingService.Name)]
public sealed class Approving(PayingService paying)
{
    private ServiceProcess Service => paying.Process;

    [Fact]
    public async Task another_person_approves_and_the_file_is_the_same_every_time()
    {
        var run = await PreparedAsync(TestProvider.New("Société Générale d'Œuvres & Cie"), 123_00, 1_00);
        var id = run.Text("id");
        Assert.Equal("four-eyes", (await ApproveAsync(id, paying.Finance)).Problem);
        Assert.Equal((HttpStatusCode.Conflict, "not-approved"), await FileProblemAsync(id));

        var approved = await ApproveAsync(id, paying.OtherFinance);

        Assert.Equal((HttpStatusCode.OK, "approved", 2), (approved.Status, approved.Body.Text("status"), approved.Body.GetProperty("version").GetInt32()));
        Assert.NotEqual(approved.Body.Text("preparedBy"), approved.Body.Text("approvedBy"));
        Assert.Equal("ordered", approved.Body.GetProperty("transfers")[0].Text("status"));
        Assert.Single(await Service.FactsAsync<PaymentRunApproved>(run.GetProperty("id").GetGuid()));

        var (file, headers) = await FileAsync(id);
        Assert.Equal("application/xml", headers.ContentType!.MediaType);
        Assert.Equal(("attachment", $"{run.Text("number")}.xml"), (headers.ContentDisposition!.DispositionType, headers.ContentDisposition.FileName));
        Assert.Empty(BankRules.Broken(file));
        Assert.Equal(file, (await FileAsync(id)).File);
        var text = Encoding.UTF8.GetString(file);
        foreach (var written in new[] { "<Nm>Ville d'Ault-Elevee + Cie</Nm>", "<Nm>Societe Generale d'OEuvres + Cie</Nm>", "<CtrlSum>62.00</CtrlSum>", $"<MsgId>{run.Text("number")}</MsgId>", "<Id>21620041000019</Id>", "<BICFI>PSSTFRPPLIL</BICFI>", $"<Dt>{ServiceDone.Today:yyyy-MM-dd}</Dt>" })
        {
            Assert.Contains(written, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task a_run_is_approved_or_cancelled_once()
    {
        var approved = (await PreparedAsync(TestProvider.New(), 10_00)).Text("id");
        Assert.Equal(HttpStatusCode.OK, (await ApproveAsync(approved, paying.OtherFinance)).Status);
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), await ProblemAsync(ApproveAsync(approved, paying.OtherFinance)));
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), await ProblemAsync(CancelAsync(approved, "too late")));

        var cancelled = (await PreparedAsync(TestProvider.New(), 10_00)).Text("id");
        Assert.Equal(HttpStatusCode.OK, (await CancelAsync(cancelled, "wrong day")).Status);
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), await ProblemAsync(CancelAsync(cancelled, "again")));
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), await ProblemAsync(ApproveAsync(cancelled, paying.OtherFinance)));
        Assert.Equal((HttpStatusCode.Conflict, "not-approved"), await FileProblemAsync(cancelled));

        var unknown = Guid.NewGuid().ToString();
        Assert.Equal(HttpStatusCode.NotFound, (await ApproveAsync(unknown, paying.OtherFinance)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CancelAsync(unknown, "x")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await FileProblemAsync(unknown)).Status);
    }

    [Fact]
    public async Task two_approvals_at_the_same_instant_are_one()
    {
        var id = (await PreparedAsync(TestProvider.New(), 10_00)).Text("id");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? ApproveAsync(id, Service.Identity.Staff(Roles.Finance)) : CancelAsync(id, "at once")));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.OK || a.Problem == "wrong-status"));
        await ServiceDone.AssertVerifiedAsync(Service);
    }

    [Fact]
    public async Task a_cancelled_run_gives_its_aid_to_the_next_one()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var placed = await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 100_00, 60_00);
        await using var db = new NpgsqlConnection(Service.ConnectionString);
        await db.ExecuteAsync("update aid_grant set status = 'rejected' where commitment_id = @id", new { id = placed[1].CommitmentId });
        var first = (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;

        foreach (var reason in new[] { null, " ", new string('x', 2_001) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await CancelAsync(first.Text("id"), reason)).Status);
        }

        var cancelled = await CancelAsync(first.Text("id"), " Mauvais jour ");
        Assert.Equal((HttpStatusCode.OK, "cancelled", "Mauvais jour", "cancelled"), (cancelled.Status, cancelled.Body.Text("status"), cancelled.Body.Text("cancelReason"), cancelled.Body.GetProperty("transfers")[0].Text("status")));
        Assert.Single(await Service.FactsAsync<PaymentRunCancelled>(first.GetProperty("id").GetGuid()));
        var grants = (await Service.GetAsync($"/api/subsidies/grants?programmeId={programme}", paying.Finance)).Body.GetProperty("items").EnumerateArray().ToDictionary(g => g.GetProperty("commitmentId").GetGuid());
        Assert.Equal(("service-done", 0), (grants[placed[0].CommitmentId].Text("status"), grants[placed[0].CommitmentId].Cents("orderedCents")));
        Assert.Equal(("rejected", 0), (grants[placed[1].CommitmentId].Text("status"), grants[placed[1].CommitmentId].Cents("orderedCents")));
        var entries = (await Service.GetAsync($"/api/subsidies/ledger?document={first.Text("id")}", paying.Finance)).Body.GetProperty("items").EnumerateArray().ToList();
        var reversals = entries.Where(e => e.Text("reason") == "order-cancelled").ToList();
        Assert.Equal(entries.Except(reversals).Select(e => e.Cents("sequence")).Order(), reversals.Select(e => e.Cents("reverses")).Order());
        Assert.All(reversals, e => Assert.Equal("Mauvais jour", e.Text("note")));
        await ServiceDone.AssertVerifiedAsync(Service);

        var second = (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;
        Assert.Equal(80_00, second.Cents("totalCents"));
        Assert.NotEqual(first.GetProperty("transfers")[0].Text("endToEndId"), second.GetProperty("transfers")[0].Text("endToEndId"));
        await CancelAsync(second.Text("id"), "once more");
        Assert.Equal(80_00, (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body.Cents("totalCents"));
        await ServiceDone.AssertVerifiedAsync(Service);
    }

    [Fact]
    public async Task the_database_itself_refuses_one_pair_of_eyes_and_a_grant_in_two_runs()
    {
        var run = await PreparedAsync(TestProvider.New(), 10_00);
        var id = run.GetProperty("id").GetGuid();
        await using var db = new NpgsqlConnection(Service.ConnectionString);

        var sameEyes = await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(
            "update payment_run set status = 'approved', approved_by = prepared_by, approved_at = now(), debtor_name = 'x', debtor_iban = 'x' where id = @id", new { id }));
        Assert.Equal("four_eyes", sameEyes.ConstraintName);
        await db.OpenAsync();
        await using var transaction = await db.BeginTransactionAsync();
        var twice = await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(
            """
            insert into payment_transfer select gen_random_uuid(), run_id, gen_random_uuid(), provider_name, iban, amount_cents, grant_count, end_to_end_id || '-X', status, null from payment_transfer where run_id = @id;
            insert into transfer_grant select (select t.id from payment_transfer t where t.run_id = @id and t.end_to_end_id like '%-X'), g.grant_id, g.amount_cents, g.status_before, true
            from transfer_grant g join payment_transfer t on t.id = g.transfer_id where t.run_id = @id
            """, new { id }));
        Assert.Equal("one_grant_one_run", twice.ConstraintName);
    }

    private async Task<JsonElement> PreparedAsync(TestProvider provider, params long[] netCents)
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        await ServiceDone.DeliverAsync(Service, programme, provider, netCents);
        return (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;
    }

    private Task<HttpAnswer> ApproveAsync(string id, string finance) => Service.PostAsync($"/api/subsidies/payment-runs/{id}/approve", null, finance);

    private Task<HttpAnswer> CancelAsync(string id, string? reason) => Service.PostAsync($"/api/subsidies/payment-runs/{id}/cancel", new { reason }, paying.Finance);

    private static async Task<(HttpStatusCode Status, string? Problem)> ProblemAsync(Task<HttpAnswer> call) => ((await call).Status, (await call).Problem);

    private Task<(HttpStatusCode Status, string? Problem)> FileProblemAsync(string id) => ProblemAsync(Service.GetAsync($"/api/subsidies/payment-runs/{id}/pain001", paying.Finance));

    private async Task<(byte[] File, HttpContentHeaders Headers)> FileAsync(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/subsidies/payment-runs/{id}/pain001");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", paying.Finance);
        var response = await Service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(), response.Content.Headers);
    }
}
