using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Marketplace.Testing;

namespace Marketplace.Accreditation.Tests.Applications;

[Collection(SharedService.Name)]
public sealed class Evidence(AccreditationService service)
{
    private const int MaxBytes = 10 * 1024 * 1024;
    private static readonly byte[] Png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13];
    private static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16];
    private readonly TestOrganisation organisation = TestOrganisation.New();

    private string Provider => service.Identity.Provider(organisation);

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    [Fact]
    public async Task each_accepted_format_comes_back_unchanged_as_an_attachment()
    {
        var id = await service.OpenAsync(Provider);
        foreach (var (type, content, extension) in new[] { ("application/pdf", AccreditationService.Pdf, "pdf"), ("image/png", Png, "png"), ("image/jpeg", Jpeg, "jpg") })
        {
            var uploaded = await service.UploadAsync(id, "kbis-extract", Provider, content, type);
            Assert.Equal(HttpStatusCode.OK, uploaded.Status);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), uploaded.Body.GetProperty("sha256").GetString());
            Assert.Equal(content.Length, uploaded.Body.GetProperty("size").GetInt32());

            foreach (var token in new[] { Provider, service.Identity.Staff("assessor") })
            {
                using var downloaded = await DownloadAsync(id, "kbis-extract", token);
                Assert.Equal(content, await downloaded.Content.ReadAsByteArrayAsync());
                Assert.Equal(type, downloaded.Content.Headers.ContentType!.MediaType);
                Assert.Equal("attachment", downloaded.Content.Headers.ContentDisposition!.DispositionType);
                Assert.Equal($"kbis-extract.{extension}", downloaded.Content.Headers.ContentDisposition.FileName);
                Assert.Equal("nosniff", Assert.Single(downloaded.Headers.GetValues("X-Content-Type-Options")));
            }
        }
    }

    [Fact]
    public async Task only_its_provider_and_assessors_may_read_a_document()
    {
        var id = await service.OpenAsync(Provider);
        await service.UploadAsync(id, "kbis-extract", Provider);

        async Task<HttpStatusCode> As(string? token, string criterion = "kbis-extract")
        {
            using var answer = await DownloadAsync(id, criterion, token);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await As(null));
        Assert.Equal(HttpStatusCode.NotFound, await As(service.Identity.Provider(TestOrganisation.New())));
        Assert.Equal(HttpStatusCode.Forbidden, await As(service.Identity.Business(TestOrganisation.New())));
        Assert.Equal(HttpStatusCode.Forbidden, await As(service.Identity.Staff("finance", "buyer", "admin")));
        Assert.Equal(HttpStatusCode.NotFound, await As(Provider, "liability-insurance"));
    }

    [Theory]
    [InlineData("kbis-extract", 3)]
    [InlineData("liability-insurance", 12)]
    [InlineData("expert-cyber-label", 24)]
    [InlineData("iso-27001-certificate", 36)]
    [InlineData("passi-qualification", null)]
    public async Task an_end_that_is_not_told_follows_from_the_scheme(string criterion, int? months)
    {
        var id = await service.OpenAsync(Provider);

        var expiresOn = (await service.UploadAsync(id, criterion, Provider)).Body.GetProperty("expiresOn").GetString();

        Assert.Equal(months is { } m ? $"{Today.AddMonths(m):yyyy-MM-dd}" : null, expiresOn);
    }

    [Fact]
    public async Task an_end_that_is_told_is_kept()
    {
        var id = await service.OpenAsync(Provider);

        var uploaded = await service.UploadAsync(id, "kbis-extract", Provider, query: $"?expiresOn={Today.AddDays(40):yyyy-MM-dd}");

        Assert.Equal($"{Today.AddDays(40):yyyy-MM-dd}", uploaded.Body.GetProperty("expiresOn").GetString());
    }

    [Fact]
    public async Task ten_mebibytes_are_accepted_and_a_byte_more_is_not()
    {
        var id = await service.OpenAsync(Provider);
        var content = new byte[MaxBytes + 1];
        AccreditationService.Pdf.CopyTo(content, 0);

        Assert.Equal(HttpStatusCode.OK, (await service.UploadAsync(id, "kbis-extract", Provider, content[..MaxBytes])).Status);
        var refused = await service.UploadAsync(id, "kbis-extract", Provider, content);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (refused.Status, refused.Problem));
        Assert.Equal(MaxBytes, (await service.GetAsync($"/applications/{id}", Provider)).Body.GetProperty("evidence")[0].GetProperty("size").GetInt32());
    }

    [Fact]
    public async Task a_stale_if_match_replaces_nothing()
    {
        var id = await service.OpenAsync(Provider);

        Assert.Equal(HttpStatusCode.OK, (await service.UploadAsync(id, "kbis-extract", Provider, ifMatch: "\"1\"")).Status);
        var stale = await service.UploadAsync(id, "kbis-extract", Provider, Png, "image/png", ifMatch: "\"1\"");

        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-version"), (stale.Status, stale.Problem));
        Assert.Equal("application/pdf", (await service.GetAsync($"/applications/{id}", Provider)).Body.GetProperty("evidence")[0].GetProperty("mediaType").GetString());
    }

    public static TheoryData<string, string?, byte[], string, int> Refused => new()
    {
        { "kbis-extract", null, AccreditationService.Pdf, "", 415 },
        { "kbis-extract", "", AccreditationService.Pdf, "", 415 },
        { "kbis-extract", "text/html", "<script>"u8.ToArray(), "", 415 },
        { "kbis-extract", "image/svg+xml", "<svg/>"u8.ToArray(), "", 415 },
        { "kbis-extract", "application/pdf/x", AccreditationService.Pdf, "", 415 },
        { "kbis-extract", "application/json", "{}"u8.ToArray(), "", 415 },
        { "kbis-extract", "application/pdf", [], "", 400 },
        { "kbis-extract", "application/pdf", Png, "", 400 },
        { "kbis-extract", "image/png", Jpeg, "", 400 },
        { "kbis-extract", "image/jpeg", AccreditationService.Pdf, "", 400 },
        { "kbis-extract", "image/jpeg", [0xFF, 0xD8], "", 400 },
        { "kbis-extract", "application/pdf", "<html>%PDF-"u8.ToArray(), "", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=2020-01-01", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=9999-12-31", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=2030-02-30", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=01/01/2030", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=-1", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=2030-01-01%00", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=%FF%FE", 400 },
        { "kbis-extract", "application/pdf", AccreditationService.Pdf, "?expiresOn=2030-01-01&expiresOn=2031-01-01", 400 },
        { "criminal-record", "application/pdf", AccreditationService.Pdf, "", 404 },
        { "KBIS-EXTRACT", "application/pdf", AccreditationService.Pdf, "", 404 },
        { "kbis%FF", "application/pdf", AccreditationService.Pdf, "", 404 },
        { "'; drop table evidence; --", "application/pdf", AccreditationService.Pdf, "", 404 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task what_is_no_document_is_refused_and_nothing_is_kept(string criterion, string? contentType, byte[] content, string query, int status)
    {
        var id = await service.OpenAsync(Provider);

        var refused = await service.UploadAsync(id, Uri.UnescapeDataString(criterion) == criterion ? Uri.EscapeDataString(criterion) : criterion, Provider, content, contentType, query);

        Assert.Equal(status, (int)refused.Status);
        Assert.NotNull(refused.Problem);
        var application = (await service.GetAsync($"/applications/{id}", Provider)).Body;
        Assert.Equal(0, application.GetProperty("evidence").GetArrayLength());
        Assert.Equal(1, application.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task nobody_else_can_put_in_a_document()
    {
        var id = await service.OpenAsync(Provider);

        Assert.Equal(HttpStatusCode.NotFound, (await service.UploadAsync(id, "kbis-extract", service.Identity.Provider(TestOrganisation.New()))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.UploadAsync(id, "kbis-extract", service.Identity.Staff("assessor"))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await service.UploadAsync(Guid.NewGuid(), "kbis-extract", Provider)).Status);
    }

    private async Task<HttpResponseMessage> DownloadAsync(Guid id, string criterion, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/accreditation/applications/{id}/evidence/{criterion}");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await service.Process.Http.SendAsync(request);
    }
}
