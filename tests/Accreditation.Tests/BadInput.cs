using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Accreditation.Tests;

/// <summary>Whatever is sent, the answer is the right 4xx problem and nothing has changed.</summary>
[Collection(SharedService.Name)]
public sealed class BadInput(AccreditationService service)
{
    private static readonly string Long = new('x', 5000);

    public static TheoryData<string, string, int> Bodies
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            string[] anywhere =
            [
                "", " ", "null", "{", "[]", "42", "\"text\"", "{\"a\":1}", "{\"reason\":42}", "{\"reason\":{}}", "{\"reason\":[]}", "{\"reason\":true}", "{\"reason\":null}",
                "{\"reason\":\"\"}", "{\"reason\":\"  \"}", "{\"reason\":\"a\\u0000b\"}", "{\"reason\":\"\\ud800\"}", $"{{\"reason\":\"{Long}\"}}", "{\"reason\":\"a\",\"reason\":\"b\"}",
            ];
            foreach (var path in new[] { "/applications/{submitted}/return", "/accreditations/{active}/suspend", "/accreditations/{active}/withdraw", "/accreditations/{suspended}/reinstate", "/applications", "/applications/{submitted}/evaluation", "/applications/{review}/decision" })
            {
                foreach (var body in anywhere)
                {
                    data.Add(path, body, 400);
                }
            }

            foreach (var categories in new[] { "null", "[]", "[null]", "[\"\"]", "[\"vpn\"]", "[\"Antivirus\"]", "[\"antivirus\",\"antivirus\"]", "[1]", "[-1]", "\"antivirus\"", "{}", "0", "1e400", "[\"anti\\u0000virus\"]", $"[\"{Long}\"]", "[\"antivirus\",\"firewall\",\"audit\",\"encrypted-backup\",\"antivirus\"]" })
            {
                data.Add("/applications", $"{{\"categories\":{categories},\"territories\":[\"59\"]}}", 400);
            }

            foreach (var territories in new[] { "null", "[]", "[null]", "[\"\"]", "[\"00\"]", "[\"20\"]", "[\"96\"]", "[\"1\"]", "[\"2C\"]", "[\"2a\"]", "[\"970\"]", "[\"977\"]", "[\"59\",\"59\"]", "[59]", "59", "[\"5\\u0000\"]", $"[\"{Long}\"]", $"[{string.Join(',', Enumerable.Repeat("\"59\"", 5000))}]" })
            {
                data.Add("/applications", $"{{\"categories\":[\"audit\"],\"territories\":{territories}}}", 400);
            }

            foreach (var findings in new[] { "null", "[]", "[null]", "{}", "[{}]", "[{\"criterionKey\":\"kbis-extract\"}]", "[{\"met\":true}]", "[{\"criterionKey\":\"nothing\",\"met\":true}]", "[{\"criterionKey\":\"kbis-extract\",\"met\":\"yes\"}]", "[{\"criterionKey\":\"kbis-extract\",\"met\":1}]", "[{\"criterionKey\":7,\"met\":true}]", $"[{{\"criterionKey\":\"kbis-extract\",\"met\":true,\"note\":\"{Long}\"}}]", "[{\"criterionKey\":\"kbis-extract\",\"met\":true,\"note\":\"\\u0000\"}]", "[{\"criterionKey\":\"kbis-extract\",\"met\":true},{\"criterionKey\":\"kbis-extract\",\"met\":false}]", $"[{string.Join(',', Enumerable.Repeat("null", 5000))}]" })
            {
                data.Add("/applications/{submitted}/evaluation", $"{{\"findings\":{findings}}}", 400);
            }

            foreach (var decision in new[] { "{\"decision\":null}", "{\"decision\":\"\"}", "{\"decision\":\"maybe\"}", "{\"decision\":\"Grant\"}", "{\"decision\":1}", "{\"decision\":\"refuse\"}", "{\"decision\":\"refuse\",\"reason\":\"\\t\"}", $"{{\"decision\":\"grant\",\"reason\":\"{Long}\"}}", "{\"decision\":\"grant\",\"reason\":\"\\u0000\"}" })
            {
                data.Add("/applications/{review}/decision", decision, 400);
            }

            foreach (var path in new[] { "/applications/{unknown}/return", "/accreditations/{unknown}/suspend", "/accreditations/{unknown}/reinstate", "/accreditations/{unknown}/withdraw" })
            {
                data.Add(path, "{\"reason\":\"r\"}", 404);
                data.Add(path.Replace("{unknown}", "42"), "{\"reason\":\"r\"}", 404);
                data.Add(path.Replace("{unknown}", "%FF"), "{\"reason\":\"r\"}", 404);
            }

            data.Add("/applications/{unknown}/submit", "", 404);
            data.Add("/applications/{foreign}/submit", "", 404);
            data.Add("/applications/{unknown}/evaluation", "{\"findings\":[{\"criterionKey\":\"kbis-extract\",\"met\":true}]}", 404);
            data.Add("/applications/{unknown}/decision", "{\"decision\":\"grant\"}", 404);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Bodies), DisableDiscoveryEnumeration = true)]
    public async Task a_bad_body_or_id_is_told_as_a_problem_and_changes_nothing(string path, string body, int status)
    {
        var (organisation, state) = await StateAsync();
        var token = service.Identity.Token(Guid.CreateVersion7(), organisation, "provider", "assessor");
        var before = await CountAsync();

        var answer = await service.PostAsync(state.Aggregate(path, (p, s) => p.Replace($"{{{s.Key}}}", $"{s.Value}", StringComparison.Ordinal)), body, token);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status == 400 ? "invalid-input" : "not-found", answer.Problem);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task every_failing_field_is_named_at_once_by_its_path()
    {
        var refused = await service.PostAsync("/applications", new { categories = new[] { "audit", "vpn" }, territories = new[] { "59", "99" } }, service.Identity.Provider(TestOrganisation.New()));

        Assert.Equal(["categories[1]", "territories[1]"], refused.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
    }

    [Theory]
    [InlineData("/applications?status=done")]
    [InlineData("/applications?status=%00")]
    [InlineData("/applications?status=")]
    [InlineData("/applications?limit=0")]
    [InlineData("/applications?limit=-1")]
    [InlineData("/applications?limit=201")]
    [InlineData("/applications?limit=99999999999999999999")]
    [InlineData("/applications?limit=many")]
    [InlineData("/applications?cursor=%FF")]
    [InlineData("/applications?cursor=abc")]
    [InlineData("/accreditations?category=vpn")]
    [InlineData("/accreditations?territory=20")]
    [InlineData("/accreditations?territory=59%00")]
    [InlineData("/accreditations?status=ACTIVE")]
    [InlineData("/accreditations?providerId=42")]
    [InlineData("/accreditations?limit=1000")]
    [InlineData("/accreditations?cursor=WyIwMTk5NzZhMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ")]
    public async Task a_bad_query_is_refused(string path)
    {
        var refused = await service.GetAsync(path, service.Identity.Staff("assessor"));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (refused.Status, refused.Problem));
    }

    [Theory]
    [InlineData("/applications/{unknown}")]
    [InlineData("/applications/not-an-id")]
    [InlineData("/applications/{unknown}/history")]
    [InlineData("/applications/{unknown}/evidence/kbis-extract")]
    [InlineData("/applications/{submitted}/evidence/nothing")]
    [InlineData("/accreditations/{unknown}")]
    [InlineData("/accreditations/0")]
    [InlineData("/accreditations/{unknown}/history")]
    [InlineData("/schemes/0")]
    [InlineData("/schemes/-1")]
    [InlineData("/schemes/99999999999999")]
    [InlineData("/schemes/first")]
    public async Task what_is_not_there_is_not_found(string path)
    {
        var (_, state) = await StateAsync();

        var answer = await service.GetAsync(state.Aggregate(path, (p, s) => p.Replace($"{{{s.Key}}}", $"{s.Value}", StringComparison.Ordinal)), service.Identity.Staff("assessor"));

        Assert.Equal((HttpStatusCode.NotFound, "not-found"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task bytes_that_are_no_utf8_are_refused()
    {
        byte[][] bodies = [[0xFF, 0xFE], [.. "{\"categories\":[\""u8, 0xC3, 0x28, .. "\"],\"territories\":[\"59\"]}"u8], [.. "{\"categories\":[\"audit\"],\"territories\":[\"5"u8, 0xFF, .. "\"]}"u8]];
        var before = await CountAsync();
        foreach (var body in bodies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/accreditation/applications") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Identity.Provider(TestOrganisation.New()));
            using var answer = await service.Process.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task a_body_over_one_mebibyte_is_refused_before_it_is_sent()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/accreditation/applications") { Content = new StringContent(new string(' ', 2 << 20), Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Identity.Provider(TestOrganisation.New()));
        using var answer = await service.Process.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task a_body_that_is_not_json_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/accreditation/applications") { Content = new StringContent("a=b", Encoding.UTF8, "text/plain") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Identity.Provider(TestOrganisation.New()));
        using var answer = await service.Process.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task every_step_is_closed_to_the_wrong_role_and_to_who_is_not_signed_in()
    {
        var (organisation, state) = await StateAsync();
        var provider = service.Identity.Provider(organisation);
        var assessor = service.Identity.Staff("assessor");
        var others = new[] { service.Identity.Staff("buyer", "finance", "admin"), service.Identity.Business(organisation) };
        var before = await CountAsync();
        (string Path, object? Body, string[] Wrong)[] steps =
        [
            ("/applications", new { categories = new[] { "audit" }, territories = new[] { "59" } }, [assessor, .. others]),
            ($"/applications/{state["draft"]}/submit", null, [assessor, .. others]),
            ($"/applications/{state["submitted"]}/evaluation", new { findings = new[] { new { criterionKey = "kbis-extract", met = true } } }, [provider, .. others]),
            ($"/applications/{state["submitted"]}/return", new { reason = "r" }, [provider, .. others]),
            ($"/applications/{state["review"]}/decision", new { decision = "grant" }, [provider, .. others]),
            ($"/accreditations/{state["active"]}/suspend", new { reason = "r" }, [provider, .. others]),
            ($"/accreditations/{state["active"]}/withdraw", new { reason = "r" }, [provider, .. others]),
            ($"/accreditations/{state["suspended"]}/reinstate", new { reason = "r" }, [provider, .. others]),
        ];
        foreach (var (path, body, wrong) in steps)
        {
            Assert.Equal("not-signed-in", (await service.PostAsync(path, body, null)).Problem);
            Assert.Equal(HttpStatusCode.Unauthorized, (await service.PostAsync(path, body, "not-a-token")).Status);
            foreach (var token in wrong)
            {
                Assert.Equal((HttpStatusCode.Forbidden, path), ((await service.PostAsync(path, body, token)).Status, path));
            }
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await service.PostAsync("/applications", steps[0].Body, service.Identity.Staff("provider"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("/applications", others[0])).Status);
        Assert.Equal(before, await CountAsync());
    }

    private static (TestOrganisation Organisation, Dictionary<string, Guid> Ids)? prepared;

    /// <summary>One application or accreditation in each state, made once: nothing here may change them.</summary>
    private async Task<(TestOrganisation Organisation, Dictionary<string, Guid> Ids)> StateAsync()
    {
        if (prepared is { } known)
        {
            return known;
        }

        var organisation = TestOrganisation.New();
        var provider = service.Identity.Provider(organisation);
        var ids = new Dictionary<string, Guid>
        {
            ["unknown"] = Guid.CreateVersion7(),
            ["foreign"] = await service.OpenAsync(service.Identity.Provider(TestOrganisation.New())),
            ["draft"] = await service.OpenAsync(provider),
            ["submitted"] = await service.SubmitAsync(provider),
            ["review"] = await service.ReachReviewAsync(provider),
            ["active"] = await service.GrantAsync(provider),
            ["suspended"] = await service.GrantAsync(provider),
        };
        await service.PostAsync($"/accreditations/{ids["suspended"]}/suspend", new { reason = "contrôle" }, service.Identity.Staff("assessor"));
        prepared = (organisation, ids);
        return prepared.Value;
    }

    private async Task<string> CountAsync()
    {
        await using var db = new NpgsqlConnection(service.Process.ConnectionString);
        return await db.QuerySingleAsync<string>(
            """
            select concat_ws(' ', (select count(*) from fact), (select count(*) from outbox), (select count(*) || '/' || sum(version) from application),
                                  (select count(*) || '/' || sum(version) from accreditation), (select count(*) from evidence))
            """);
    }
}
