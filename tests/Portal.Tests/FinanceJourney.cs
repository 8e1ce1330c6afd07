using System.Text;
using System.Text.RegularExpressions;
using Marketplace.Portal.Texts;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Finance staff from a new envelope to the bank and the books, in the browser.</summary>
public sealed partial class FinanceJourney(PortalFixture portal) : IDisposable
{
    private readonly FinanceDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_programme_is_opened_and_its_budget_raised_with_a_reason_and_never_lowered_below_what_is_engaged()
    {
        var page = await desk.SignInAsync(desk.Finance, 360);
        await page.GetByRole(AriaRole.Link, new() { Name = "Finances" }).ClickAsync();
        await page.GotoAsync("/finances/dispositifs/nouveau");
        await page.GetByLabel("Nom du dispositif").FillAsync("<script>alert(1)</script> Bouclier 🛡️ \u202edroite");
        await page.GetByLabel("Financeur", new() { Exact = true }).FillAsync("Région");
        await page.GetByLabel("Budget voté").FillAsync("mille");
        await page.GetByLabel("Taux d'aide").FillAsync("30");
        await page.GetByLabel("Antivirus").CheckAsync();
        await page.GetByLabel("Départements").FillAsync("59, 62");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir le dispositif" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Indiquez un nombre");
        await Assertions.Expect(page.GetByLabel("Nom du dispositif")).ToHaveValueAsync(ScriptName());
        await Assertions.Expect(page.GetByLabel("Antivirus")).ToBeCheckedAsync();
        await page.GetByLabel("Budget voté").FillAsync("1 000,00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir le dispositif" }).DblClickAsync();
        await page.WaitForURLAsync(OwnPage());
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("<script>alert(1)</script>");
        Assert.Empty(await Axe.ViolationsAsync(page));

        await page.Locator("#f-form-amount").FillAsync("250,50");
        await page.GetByLabel("Motif").FillAsync("Vote du conseil");
        await page.GetByRole(AriaRole.Button, new() { Name = "Modifier le budget" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Le budget a été modifié");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("1\u202f250,50");
        await page.GetByLabel("Abaisser").CheckAsync();
        await page.Locator("#f-form-amount").FillAsync("1 300");
        await page.GetByLabel("Motif").FillAsync("Trop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Modifier le budget" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ne peut pas descendre sous ce qui est réservé");
        await Assertions.Expect(page.Locator("#f-form-amount")).ToHaveValueAsync("1 300");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("1\u202f250,50");
    }

    [Fact]
    public async Task aid_is_paid_by_two_people_and_comes_back_exact_on_the_bank_statement()
    {
        var (programme, name) = await desk.ProgrammeAsync();
        var due = Wording.French.Money(await desk.ServiceDoneAsync(programme));
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/aides?dispositif={programme}");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Service fait");
        await page.Locator("tbody th a").ClickAsync();
        await Assertions.Expect(page.Locator(".reckoning")).ToContainTextAsync("30\u00a0% de 3\u202f708,60\u00a0€, arrondi au centime inférieur");
        await Assertions.Expect(page.Locator(".reckoning .result")).ToContainTextAsync(due);
        await Assertions.Expect(page.Locator(".note.good")).ToContainTextAsync("le même montant");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Engagé → Service fait");
        Assert.Empty(await Axe.ViolationsAsync(page));

        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await Assertions.Expect(page.Locator("#f-form-programme option:checked")).ToContainTextAsync($"{name} ({due})");
        await page.GetByRole(AriaRole.Button, new() { Name = "Préparer le paiement" }).DblClickAsync();
        await page.WaitForURLAsync("**/finances/paiements/*");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Artois Cyber Services");
        await Assertions.Expect(page.Locator(".note.warn")).ToContainTextAsync("une autre personne doit l'approuver");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Approuver" })).ToHaveCountAsync(0);
        var run = Guid.Parse(new Uri(page.Url).Segments[^1]);
        Assert.Equal(404, (await page.Context.APIRequest.GetAsync($"/fichiers/subsidies/payment-runs/{run}/pain001")).Status);
        Assert.Equal("four-eyes", await desk.ApproveAsync(run, desk.Finance));

        var other = await desk.SignInAsync(desk.SecondFinance, 360);
        await other.GotoAsync($"/finances/paiements/{run}");
        await other.GetByRole(AriaRole.Button, new() { Name = "Approuver le paiement" }).DblClickAsync();
        await Assertions.Expect(other.GetByRole(AriaRole.Status)).ToContainTextAsync("Le paiement est approuvé");
        Assert.Empty(await Axe.ViolationsAsync(other));
        var file = await other.RunAndWaitForDownloadAsync(() => other.GetByRole(AriaRole.Link, new() { Name = "Télécharger le fichier" }).ClickAsync());
        var transfer = await desk.TransferAsync(run);
        Assert.Contains(transfer.EndToEndId, await File.ReadAllTextAsync(await file.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.EndsWith(".xml", file.SuggestedFilename, StringComparison.Ordinal);

        var statement = desk.Statement((transfer.EndToEndId, transfer.Iban, transfer.Cents));
        await FinanceDesk.SendAsync(page, statement);
        await page.WaitForURLAsync("**/finances/releves/*");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("1 mouvement nouveau. 0 déjà connu.");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Exact");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await FinanceDesk.SendAsync(page, statement);
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("0 mouvement nouveau. 1 déjà connu.");

        await page.GotoAsync($"/finances/rapprochement?dispositif={programme}");
        await Assertions.Expect(page.Locator(".note.good")).ToContainTextAsync("0,00");
        await Assertions.Expect(page.Locator("tr", new() { HasText = "Payé exactement" }).First).ToContainTextAsync(due);
        await page.GotoAsync($"/finances/dispositifs/{programme}");
        await Assertions.Expect(page.Locator("tr", new() { Has = page.Locator(".part-paid") })).ToContainTextAsync(due);
        await page.GotoAsync("/finances/grand-livre");
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier tout le grand livre" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("intact et équilibré");
    }

    [Fact]
    public async Task a_run_is_cancelled_with_a_reason_and_its_aid_is_due_again()
    {
        var (programme, name) = await desk.ProgrammeAsync();
        var due = Wording.French.Money(await desk.ServiceDoneAsync(programme));
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Préparer le paiement" }).ClickAsync();
        await page.GetByText("Annuler ce paiement").ClickAsync();
        await page.GetByLabel("Motif").FillAsync("Mauvaise date <b>!</b>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Annuler le paiement" }).ClickAsync();
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Mauvaise date <b>!</b>");
        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await Assertions.Expect(page.Locator("#f-form-programme option:checked")).ToContainTextAsync($"{name} ({due})");
        await page.GotoAsync($"/finances/grand-livre?dispositif={programme}");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Mandatement annulé (annule la n°");
    }

    [Fact]
    public async Task what_the_bank_paid_in_part_is_resolved_by_a_person_and_a_broken_file_changes_nothing()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        await desk.ServiceDoneAsync(programme);
        var run = await desk.ApprovedRunAsync(programme);
        var page = await desk.SignInAsync(desk.Finance);
        await FinanceDesk.SendAsync(page, Encoding.UTF8.GetBytes("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-02-30,12,EUR,A,,\n"));
        await Assertions.Expect(page.Locator(".drop [role=alert]")).ToContainTextAsync("la ligne 2 n'a pas pu être lue ; rien n'a été enregistré. Une date n'est pas valable : elle s'écrit 2026-12-31. (bookingDate « 2026-02-30 »)");

        var rent = FinanceDesk.Strange();
        await FinanceDesk.SendAsync(page, desk.Statement((run.EndToEndId, run.Iban, run.Cents - 100), (rent, "DE89370400440532013000", 12_345)));
        await page.WaitForURLAsync("**/finances/releves/*");
        await page.GotoAsync($"/finances/ecarts?dispositif={programme}&nature=partial");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.Locator("tbody th a").First.ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("La banque a payé moins que ce qui était mandaté");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByLabel("Payer de nouveau").CheckAsync();
        await page.GetByLabel("Motif").FillAsync("Essai");
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("paierait deux fois");
        await page.GetByLabel("Payer le reste").CheckAsync();
        await page.GetByLabel("Motif").FillAsync("Frais retenus par la banque 🌷");
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).DblClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("L'écart est réglé");
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("Frais retenus par la banque 🌷");
        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await Assertions.Expect(page.Locator("#f-form-programme option:checked")).ToContainTextAsync("1,00");

        await page.GotoAsync($"/finances/ecarts?dispositif={programme}&nature=unknown");
        await page.Locator("tbody th a", new() { HasText = rent }).ClickAsync();
        await page.GetByLabel("Autre : en quelques mots").CheckAsync();
        await page.GetByLabel("Motif").FillAsync("Pas pour nous");
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Choisissez une décision");
        await page.GetByLabel("La décision en quelques mots").FillAsync("loyer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).ClickAsync();
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("loyer");
    }

    [Fact]
    public async Task aid_that_was_paid_by_mistake_is_claimed_back_and_no_more_than_that()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        await desk.ServiceDoneAsync(programme);
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/aides/{(await desk.GrantsAsync(programme))[0].Id}");
        await page.GetByText("Reprendre l'aide").First.ClickAsync();
        await page.Locator("#f-form-amount").FillAsync("-5");
        await page.GetByLabel("Motif").FillAsync("Réclamation acceptée");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reprendre l'aide" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("montant");
        await page.Locator("#f-form-amount").FillAsync("9999");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reprendre l'aide" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("plus que ce qui est dû et payé");
        await page.Locator("#f-form-amount").FillAsync("12,58");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reprendre l'aide" }).DblClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("L'aide a été reprise");
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("12,58");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Libération après réclamation");
        await Assertions.Expect(page.Locator("aside .note")).ToHaveCountAsync(1);
    }

    private static string ScriptName() => "<script>alert(1)</script> Bouclier 🛡️ \u202edroite";

    [GeneratedRegex("/finances/dispositifs/[0-9a-f-]{36}")]
    private static partial Regex OwnPage();
}
