using System.Net;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Accreditation.Tests;

/// <summary>What the service publishes about itself, and what its database guards whatever the code does.</summary>
[Collection(SharedService.Name)]
public sealed class PublishedContract(AccreditationService service)
{
    [Fact]
    public async Task the_openapi_document_names_every_call_of_the_api_page()
    {
        var document = await service.Process.GetAsync("/openapi.json");

        Assert.Equal(HttpStatusCode.OK, document.Status);
        var calls = document.Body.GetProperty("paths").EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name.Replace("/api/accreditation", "", StringComparison.Ordinal)}"))
            .ToHashSet();
        string[] expected =
        [
            "GET /schemes/current", "POST /applications", "GET /applications", "GET /applications/{id}", "PUT /applications/{id}/evidence/{criterionKey}",
            "GET /applications/{id}/evidence/{criterionKey}", "POST /applications/{id}/submit", "POST /applications/{id}/evaluation", "POST /applications/{id}/return",
            "POST /applications/{id}/decision", "GET /accreditations", "GET /accreditations/{id}", "POST /accreditations/{id}/suspend",
            "POST /accreditations/{id}/reinstate", "POST /accreditations/{id}/withdraw",
        ];
        Assert.Subset(calls, expected.ToHashSet());
        var upload = document.Body.GetProperty("paths").GetProperty("/api/accreditation/applications/{id}/evidence/{criterionKey}").GetProperty("put");
        Assert.Equal(["application/pdf", "image/jpeg", "image/png"], upload.GetProperty("requestBody").GetProperty("content").EnumerateObject().Select(c => c.Name).Order());
    }

    [Theory]
    [InlineData("update application set status = 'granted', decided_by = evaluators[1], decided_at = now() where id = @id", "four_eyes")]
    [InlineData("update application set status = 'refused', decided_by = gen_random_uuid(), decided_at = now() where id = @id", "refusal_has_reason")]
    [InlineData("update application set status = 'granted' where id = @id", "decided")]
    [InlineData("update application set evaluators = '{}', status = 'granted', decided_by = gen_random_uuid(), decided_at = now() where id = @id", "evaluated_before_decision")]
    public async Task the_database_itself_refuses_what_the_rule_book_forbids(string sql, string constraint)
    {
        var id = await service.ReachReviewAsync(service.Identity.Provider(TestOrganisation.New()));
        await using var db = new NpgsqlConnection(service.Process.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(sql, new { id }));

        Assert.Equal(constraint, refused.ConstraintName);
    }
}
