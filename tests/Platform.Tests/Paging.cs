using System.Buffers.Text;
using System.Net;
using System.Text;

namespace Marketplace.Platform.Tests;

/// <summary>Lists: <c>?limit=</c> and <c>?cursor=</c> of API.md, Conventions.</summary>
public sealed class Paging(NotesService notes) : IClassFixture<NotesService>
{
    [Fact]
    public async Task the_cursor_leads_through_every_item_once_also_where_keys_are_equal()
    {
        var prefix = $"é\"{Guid.NewGuid():N}";
        var written = new List<Guid>();
        for (var n = 0; n < 7; n++)
        {
            written.Add(await notes.WrittenAsync(prefix + (n % 2)));
        }

        var read = new List<Guid>();
        var pages = 0;
        string? cursor = null;
        do
        {
            var page = await notes.Process.GetAsync($"/api/notes?limit=2&prefix={Uri.EscapeDataString(prefix)}" + (cursor is null ? "" : $"&cursor={cursor}"), notes.Token);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            read.AddRange(page.Body.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetGuid()));
            cursor = page.Body.GetProperty("nextCursor").GetString();
            pages++;
        }
        while (cursor is not null);

        Assert.Equal(4, pages);
        Assert.Equal(written.Order(), read.Order());
    }

    [Fact]
    public async Task a_page_that_is_exactly_full_is_the_last()
    {
        var prefix = $"{Guid.NewGuid():N}";
        await notes.WrittenAsync(prefix);
        await notes.WrittenAsync(prefix);

        var page = await notes.Process.GetAsync($"/api/notes?limit=2&prefix={prefix}", notes.Token);

        Assert.Equal(2, page.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, page.Body.GetProperty("nextCursor").ValueKind);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("200")]
    public async Task limits_go_from_1_to_200(string limit) => Assert.Equal(HttpStatusCode.OK, (await notes.Process.GetAsync($"/api/notes?limit={limit}", notes.Token)).Status);

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("-1")]
    [InlineData("99999999999999")]
    [InlineData("many")]
    [InlineData("")]
    [InlineData("1&limit=2")]
    public async Task another_limit_is_refused(string limit) => (await notes.Process.GetAsync($"/api/notes?limit={limit}", notes.Token)).Error("limit");

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("broken")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[null,\"019a4c10-0b7e-7f63-a1d5-28c94e6f7a90\"]")]
    [InlineData("[5]")]
    [InlineData("[\"a\",\"no id\"]")]
    [InlineData("[\"\\u0000\",\"019a4c10-0b7e-7f63-a1d5-28c94e6f7a90\"]")]
    [InlineData("[\"\\ud800\",\"019a4c10-0b7e-7f63-a1d5-28c94e6f7a90\"]")]
    public async Task a_cursor_that_no_list_gave_is_refused(string cursor)
    {
        var path = $"/api/notes?cursor={(cursor is "" or "!!!" ? cursor : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(cursor)))}";

        (await notes.Process.GetAsync(path, notes.Token)).Error("cursor");
    }
}
