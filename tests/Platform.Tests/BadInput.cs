using System.Net;
using System.Text;

namespace Marketplace.Platform.Tests;

/// <summary>No input yields 500; each gets the problem that names it, and changes nothing.</summary>
public sealed class BadInput(NotesService notes) : IClassFixture<NotesService>
{
    [Fact]
    public async Task every_failing_field_is_listed_under_the_path_that_the_client_wrote()
    {
        var answer = await notes.WriteAsync(new { title = new string('x', 101), weight = 0, labels = new object[] { new { name = "ok" }, new { name = "", shade = 10 } } });

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.Equal(["labels[1].name", "labels[1].shade", "title", "weight"], answer.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
        Assert.All(answer.Body.GetProperty("errors").EnumerateObject(), e => Assert.NotEqual("", e.Value[0].GetString()));
    }

    [Theory]
    [InlineData("""{"title":"a","weight":"heavy"}""", "weight")]
    [InlineData("""{"title":"a","weight":"5"}""", "weight")]
    [InlineData("""{"title":"a","weight":1.5}""", "weight")]
    [InlineData("""{"title":"a","weight":99999999999999999999}""", "weight")]
    [InlineData("""{"title":"a","weight":1e400}""", "weight")]
    [InlineData("""{"title":5,"weight":1}""", "title")]
    [InlineData("""{"title":["a"],"weight":1}""", "title")]
    [InlineData("""{"title":"a","weight":1,"labels":[{"name":"a"},{"name":5}]}""", "labels[1].name")]
    [InlineData("""{"title":"a","weight":1,"labels":"none"}""", "labels")]
    [InlineData("""{"title":"a","weight":1,"dueAt":"demain"}""", "dueAt")]
    [InlineData("""{"title":"a","weight":1,"dueAt":"2026-11-22T10:00:00"}""", "dueAt")]
    [InlineData("""{"title":"a","weight":1,"dueAt":"9999-12-31T23:59:59-10:00"}""", "dueAt")]
    [InlineData("""{"title":"a","weight":1,"dueAt":"\ud800"}""", "dueAt")]
    [InlineData("""{"title":"a","weight":1,"author":"me"}""", "author")]
    [InlineData("""{"title":"a","weight":1,"author":"\ud800"}""", "author")]
    [InlineData("""{"title":"a\u0000b","weight":1}""", "title")]
    [InlineData("""{"title":"a\ud800b","weight":1}""", "title")]
    [InlineData("""{"title":null,"weight":1}""", "title")]
    public async Task a_value_that_cannot_be_used_is_told_by_its_path(string body, string field) => (await notes.WriteAsync(body)).Error(field);

    [Theory]
    [InlineData("""{"title": """)]
    [InlineData("""{"title":"a","weight":1}}""")]
    [InlineData("""{'title':'a'}""")]
    [InlineData("""{"title":"a","weight":1,}""")]
    [InlineData("""{"title":"a","title":"b","weight":1}""")]
    [InlineData("""{"title":"a","Title":"b","weight":1}""")]
    [InlineData("""{"\ud800":"a","weight":1}""")]
    [InlineData("""[]""")]
    [InlineData("\"a text\"")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("not json")]
    public async Task a_body_that_is_no_acceptable_object_is_refused(string body)
    {
        var answer = await notes.SendRawAsync(HttpMethod.Post, "/api/notes", Encoding.UTF8.GetBytes(body));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task deep_nesting_is_refused()
    {
        var answer = await notes.WriteAsync("""{"title":"a","weight":1,"unknown":""" + new string('[', 5000) + new string(']', 5000) + "}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
    }

    [Fact]
    public async Task bytes_that_are_no_utf8_are_refused()
    {
        byte[] body = [.. "{\"title\":\"a"u8, 0xC3, 0x28, 0xFF, .. "\",\"weight\":1}"u8];

        (await notes.SendRawAsync(HttpMethod.Post, "/api/notes", body)).Error("title");
    }

    [Theory]
    [InlineData("/api/notes?prefix=a%00b")]
    [InlineData("/api/notes?author=%00")]
    [InlineData("/api/notes?cursor=%00")]
    public async Task a_nul_in_the_query_is_refused(string path) =>
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), Told(await notes.Process.GetAsync(path, notes.Token)));

    [Theory]
    [InlineData("/api/notes?author=me", "author")]
    [InlineData("/api/notes?minWeight=heavy", "minWeight")]
    [InlineData("/api/notes?minWeight=99999999999", "minWeight")]
    public async Task a_query_parameter_of_the_wrong_type_is_told_by_its_name(string path, string field) => (await notes.Process.GetAsync(path, notes.Token)).Error(field);

    [Theory]
    [InlineData("/api/notes?prefix=%ED%A0%80")]
    [InlineData("/api/notes?prefix=%FF%FE")]
    [InlineData("/api/notes?prefix=%")]
    [InlineData("/api/notes?prefix=%25_%27%3B--")]
    [InlineData("/api/notes?prefix=%2500")]
    [InlineData("/api/notes?=&&&=a&prefix=a&prefix=b")]
    public async Task an_odd_query_is_a_query_that_finds_nothing(string path)
    {
        var answer = await notes.Process.GetAsync(path, notes.Token);

        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}");
        Assert.Equal(0, answer.Body.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_body_over_one_mebibyte_is_too_large(bool lengthIsKnown)
    {
        var body = Encoding.UTF8.GetBytes("""{"title":"a","weight":1,"unknown":" """ + new string('x', 1 << 20) + "\"}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", notes.Token);
        request.Headers.TransferEncodingChunked = lengthIsKnown ? null : true;

        using var response = await notes.Process.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("urn:marketplace:problem:too-large", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", "/api/nowhere", 404, "not-found")]
    [InlineData("GET", "/", 404, "not-found")]
    [InlineData("PUT", "/api/notes/not-an-id", 404, "not-found")]
    [InlineData("PUT", "/api/notes/019a4c10-0b7e-7f63-a1d5-28c94e6f7a90", 404, "not-found")]
    [InlineData("DELETE", "/api/notes", 405, "method-not-allowed")]
    [InlineData("PATCH", "/api/notes/019a4c10-0b7e-7f63-a1d5-28c94e6f7a90", 405, "method-not-allowed")]
    public async Task an_address_that_leads_nowhere_is_a_problem_document(string method, string path, int status, string slug)
    {
        var answer = await notes.SendRawAsync(new HttpMethod(method), path, method == "GET" ? null : "{}"u8.ToArray());

        Assert.Equal(((HttpStatusCode)status, slug), Told(answer));
        Assert.Equal(status, answer.Body.GetProperty("status").GetInt32());
        Assert.NotEqual("", answer.Body.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task another_media_type_is_refused(string? contentType) =>
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"), Told(await notes.SendRawAsync(HttpMethod.Post, "/api/notes", "{}"u8.ToArray(), contentType)));

    [Fact]
    public async Task a_character_set_other_than_utf8_is_refused()
    {
        var known = await notes.SendRawAsync(HttpMethod.Post, "/api/notes", """{"title":"Connue","weight":1}"""u8.ToArray(), "application/json; charset=UTF-8");
        var other = await notes.SendRawAsync(HttpMethod.Post, "/api/notes", """{"title":"Autre","weight":1}"""u8.ToArray(), "application/json; charset=utf-16");
        var unknown = await notes.SendRawAsync(HttpMethod.Post, "/api/notes", """{"title":"Inconnue","weight":1}"""u8.ToArray(), "application/json; charset=klingon");

        Assert.Equal(HttpStatusCode.Created, known.Status);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"), Told(unknown));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"), Told(other));
    }

    [Theory]
    [InlineData("POST", "/api/notes")]
    [InlineData("PUT", "/api/notes/019a4c10-0b7e-7f63-a1d5-28c94e6f7a90")]
    public async Task a_missing_body_is_refused(string method, string path)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), Told(await notes.SendRawAsync(new HttpMethod(method), path, null)));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), Told(await notes.SendRawAsync(new HttpMethod(method), path, [])));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), Told(await notes.SendRawAsync(new HttpMethod(method), path, "null"u8.ToArray())));
    }

    private static (HttpStatusCode, string?) Told(Testing.HttpAnswer answer) => (answer.Status, answer.Problem);
}
