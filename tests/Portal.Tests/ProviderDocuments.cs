using System.Net;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Documents that are not what they say, are too large, or come from nowhere.</summary>
public sealed class ProviderDocuments(PortalFixture portal) : IDisposable
{
    private static readonly byte[] Disguised = [.. "MZ\u0090 not a PDF at all"u8];
    private readonly ProviderDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task that_are_disguised_or_too_large_are_refused_in_words_and_nothing_is_kept()
    {
        var provider = await desk.RegisterAsync();
        var application = await desk.ApplyAsync(provider, complete: false, submitted: false);
        var page = await desk.SignInAsync(provider);
        await page.GotoAsync($"/agrement/{application}");
        var error = page.Locator("#piece-kbis-extract form .error");
        await ProviderDesk.DropAsync(page, "kbis-extract", "kbis.pdf", "application/pdf", Disguised);
        await ProviderDesk.SendButton(page, "kbis-extract").ClickAsync();
        await Assertions.Expect(error).ToContainTextAsync("son contenu ne correspond pas à son type");
        await ProviderDesk.DropAsync(page, "kbis-extract", "kbis.exe", "application/x-msdownload", Disguised);
        await ProviderDesk.SendButton(page, "kbis-extract").ClickAsync();
        await Assertions.Expect(error).ToContainTextAsync("ce type de fichier n'est pas accepté");
        await ProviderDesk.DropAsync(page, "kbis-extract", "kbis.pdf", "application/pdf", ProviderDesk.Pdf, zeros: 10 << 20);
        await Assertions.Expect(error).ToContainTextAsync("il est trop volumineux");
        await ProviderDesk.SendButton(page, "kbis-extract").ClickAsync();
        await Assertions.Expect(error).ToContainTextAsync("il est trop volumineux");
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#piece-kbis-extract .badge").First).ToHaveTextAsync("À fournir");
    }

    [Fact]
    public async Task are_refused_in_words_without_scripts_too()
    {
        var provider = await desk.RegisterAsync();
        var application = await desk.ApplyAsync(provider, complete: false, submitted: false);
        var page = await desk.SignInAsync(provider, 360, scripts: false);
        var folder = Directory.CreateTempSubdirectory("portal-documents-");
        foreach (var (name, content, size, words) in new[]
        {
            ("kbis.pdf", Disguised, Disguised.Length, "son contenu ne correspond pas à son type"),
            ("kbis.html", Disguised, Disguised.Length, "ce type de fichier n'est pas accepté"),
            ("kbis.pdf", ProviderDesk.Pdf, 10 << 20 | 1, "il est trop volumineux"),
            ("kbis.pdf", ProviderDesk.Pdf, 14 << 20, "il est trop volumineux"),
        })
        {
            var file = Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(file, [.. content, .. new byte[size - content.Length]], TestContext.Current.CancellationToken);
            await page.GotoAsync($"/agrement/{application}");
            await page.Locator("#fichier-kbis-extract").SetInputFilesAsync(file);
            await ProviderDesk.SendButton(page, "kbis-extract").ClickAsync();
            await Assertions.Expect(page.Locator("#piece-kbis-extract").GetByRole(AriaRole.Alert).First).ToContainTextAsync(words);
            await Assertions.Expect(page.Locator("#piece-kbis-extract .badge").First).ToHaveTextAsync("À fournir");
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task of_others_and_paths_that_are_not_for_files_are_not_found_and_uploads_without_their_token_refused()
    {
        var mine = await desk.RegisterAsync();
        var application = await desk.ApplyAsync(await desk.RegisterAsync());
        var page = await desk.SignInAsync(mine);
        var cookies = new CookieContainer();
        foreach (var cookie in await page.Context.CookiesAsync())
        {
            cookies.Add(portal.Address, new System.Net.Cookie(cookie.Name, cookie.Value));
        }

        using var http = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = portal.Address };
        var ct = TestContext.Current.CancellationToken;
        foreach (var path in new[]
        {
            $"/fichiers/accreditation/applications/{application}/evidence/kbis-extract", "/fichiers/auth/me", "/fichiers/subsidies/ledger", "/fichiers/../api/auth/me",
            $"/fichiers/accreditation/applications/{application}/evidence/..%2f..%2f", $"/fichiers/pools/{portal.OpenPool}/orders?format=csv",
        })
        {
            Assert.Contains((await http.GetAsync(path, ct)).StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.Unauthorized });
        }

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync($"/agrement/{application}", ct)).StatusCode);
        using var pdf = new ByteArrayContent(ProviderDesk.Pdf);
        pdf.Headers.ContentType = new("application/pdf");
        var own = await desk.ApplyAsync(mine, complete: false, submitted: false);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PutAsync($"/fichiers/accreditation/applications/{own}/evidence/kbis-extract", pdf, ct)).StatusCode);
        using var form = new MultipartFormDataContent { { new StringContent("forged"), "__token" }, { new ByteArrayContent(ProviderDesk.Pdf), "file", "kbis.pdf" } };
        var posted = await http.PostAsync($"/fichiers/accreditation/applications/{own}/evidence/kbis-extract", form, ct);
        Assert.Equal((HttpStatusCode.SeeOther, $"/agrement/{own}?refus=page-too-old&fichier=kbis-extract"), (posted.StatusCode, posted.Headers.Location?.OriginalString));
        using var stranger = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = portal.Address };
        Assert.Equal(HttpStatusCode.Redirect, (await stranger.GetAsync($"/fichiers/pools/{portal.OpenPool}/orders", ct)).StatusCode);
    }
}
