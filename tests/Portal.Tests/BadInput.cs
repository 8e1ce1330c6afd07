using System.Text.Json;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Whatever is typed, forged or replayed, on every page: refused cleanly or shown harmlessly, never a failure.</summary>
public sealed class BadInput(PortalFixture portal) : IDisposable
{
    private const string Script = "\"'><script>window.hit=1</script><img src=x onerror=hit=1>";
    private static readonly string[] Nasty = [Script, $"\u202eabc\u202c 🌷\u0000\ud800{Script}", new('é', 20_000)];

    /// <summary>What pages read from their address.</summary>
    private static readonly string[] Queries =
    [
        "statut", "categorie", "suite", "q", "territoire", "tri", "id", "nature", "dispositif", "etat", "du", "au", "compte", "reference", "siren", "retour", "refus", "ligne", "raison", "fichier",
        "jeton", "annee", "suivi", "resultat", "groupement", "verifier", "connus", "nouveaux", "envoi", "quantity", "tolerance", "priceLimit", "pack",
    ];

    private readonly Samples samples = new(portal);

    public static TheoryData<string> Readers => [.. Visits.Readers];

    public void Dispose() => samples.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task in_any_address_or_text_field_does_no_harm(string reader)
    {
        var (who, real) = await samples.OfAsync(reader);
        var page = who is null ? await portal.NewReaderAsync() : await samples.SignInAsync(who, "fr");
        var (wrong, forms) = (new List<string>(), 0);
        foreach (var path in Visits.Of(reader, real).Select(p => p.Split('?')[0]).Distinct())
        {
            foreach (var nasty in Nasty)
            {
                var forged = string.Join('&', Queries.Select(name => $"{name}={Uri.EscapeDataString(nasty[..Math.Min(nasty.Length, 90)].Replace('\ud800', '?'))}"));
                await JudgeAsync($"{path}?…", await page.Context.APIRequest.GetAsync($"{path}?{forged}"));
            }

            await page.GotoAsync(path);
            foreach (var form in await FormsAsync(page))
            {
                forms++;
                foreach (var nasty in Nasty)
                {
                    var sent = page.Context.APIRequest.CreateFormData();
                    foreach (var field in form.GetProperty("fields").EnumerateArray())
                    {
                        sent.Append(field[0].GetString()!, field[2].GetBoolean() ? nasty.Replace('\ud800', '?') : field[1].GetString()!);
                    }

                    await JudgeAsync($"{path} {form.GetProperty("name")}", await page.Context.APIRequest.PostAsync(form.GetProperty("action").GetString()!, new() { Form = sent }));
                }
            }

            await page.GotoAsync(path);
            if (await page.EvaluateAsync<bool>("'hit' in window"))
            {
                wrong.Add($"{path}: the script ran");
            }
        }

        Assert.Empty(wrong);
        Assert.True(forms > 0 || reader is "second-assessor", "No form was tried.");

        async Task JudgeAsync(string what, IAPIResponse answer)
        {
            if (answer.Status >= 500 || (await answer.TextAsync()).Contains("<script>window", StringComparison.Ordinal))
            {
                wrong.Add($"{what}: {answer.Status}");
            }

            await answer.DisposeAsync();
        }
    }

    [Fact]
    public async Task in_a_form_for_another_business_s_commitment_changes_nothing()
    {
        using var desk = new BusinessDesk(portal);
        var pool = await portal.OpenPoolAsync("Formulaires forgés");
        var (mine, theirs) = (await desk.RegisterAsync(), await desk.RegisterAsync());
        var (own, foreign) = (await desk.CommitAsync(mine, pool, 5), await desk.CommitAsync(theirs, pool, 6));
        var page = await desk.SignInAsync(mine);
        foreach (var action in new[] { "retrait", "modifier" })
        {
            await page.GotoAsync($"/mes-engagements/{own}/{action}");
            var fields = (await FormsAsync(page, anyField: true)).Last(f => f.GetProperty("action").GetString()!.EndsWith($"/mes-engagements/{own}/{action}", StringComparison.Ordinal)).GetProperty("fields");
            var sent = page.Context.APIRequest.CreateFormData();
            foreach (var field in fields.EnumerateArray())
            {
                sent.Append(field[0].GetString()!, field[1].GetString()!.Replace($"{own}", $"{foreign}", StringComparison.Ordinal));
            }

            Assert.Equal(404, (await page.Context.APIRequest.PostAsync($"/mes-engagements/{foreign}/{action}", new() { Form = sent })).Status);
        }

        Assert.NotEqual("withdrawn", Assert.Single(await desk.CommitmentsAsync(theirs)).Status);
        Assert.NotEqual("withdrawn", Assert.Single(await desk.CommitmentsAsync(mine)).Status);
    }

    [Fact]
    public async Task in_the_prices_of_a_pack_is_said_by_its_field_and_nothing_is_kept()
    {
        using var desk = new ProviderDesk(portal);
        var page = await desk.SignInAsync(await desk.RegisterAsync());
        await page.GotoAsync("/mes-packs/nouveau");
        await page.GetByLabel("Nom du pack").FillAsync("Prix négatif");
        await page.GetByLabel("Capacité").FillAsync("-500");
        await page.GetByLabel("Prix public").FillAsync("-60");
        await page.GetByLabel("Départements").FillAsync("62");
        await page.Locator("#palier-q0").FillAsync("10");
        await page.Locator("#palier-p0").FillAsync("-5");
        await page.EvaluateAsync("document.querySelectorAll('form').forEach(f => f.noValidate = true)");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer le brouillon" }).ClickAsync();
        await Assertions.Expect(page.Locator("main .error").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Prix public")).ToHaveValueAsync("-60");
        await page.GotoAsync("/mes-packs");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Vous n'avez pas encore de pack.");
    }

    /// <summary>The forms of the page that send text: where to, and each field's name, value, and whether somebody types it. Passwords are left empty: a wrong one counts.</summary>
    private static async Task<IReadOnlyList<JsonElement>> FormsAsync(IPage page, bool anyField = false) => [.. (await page.EvaluateAsync<JsonElement>(
        """
        any => [...document.querySelectorAll('form[method=post]')].filter(f => !f.querySelector('input[type=file]')).map(f => {
          const typed = [...f.elements].filter(e => e.name && (e.tagName === 'TEXTAREA' || e.tagName === 'INPUT' && !['hidden', 'checkbox', 'radio', 'range', 'password', 'submit'].includes(e.type))).map(e => e.name);
          const fields = [...new FormData(f)].map(([name, value]) => [name, value, typed.includes(name)]);
          return { action: f.action, name: fields.find(([name]) => name === '_handler')?.[1] ?? '', fields };
        }).filter(f => any || f.fields.some(field => field[2]))
        """, anyField)).EnumerateArray()];
}
