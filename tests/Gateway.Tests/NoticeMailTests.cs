using System.Net;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(NotificationFixture))]
public sealed class NoticeMailTests(NotificationFixture fixture)
{
    private ServiceProcess Gateway => fixture.Gateway;

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task a_notice_is_mailed_once_in_the_readers_language_with_a_link_to_what_it_is_about()
    {
        var (french, english) = (await fixture.RegisterAsync(), await fixture.RegisterAsync(language: "en"));
        var notice = NotificationFixture.Notice("payment-failed", Now, french.OrganisationId, english.OrganisationId) with { PoolTitle = "Été\r\nBcc: a@b.test 🌷" };
        await Gateway.DeliverAsync(notice);
        await Gateway.DeliverAsync(notice);

        var letter = Assert.Single(await fixture.Mail.LettersToAsync(french.Email));
        Assert.StartsWith("Bonjour Awa Diop,\n", letter.Text, StringComparison.Ordinal);
        Assert.Contains("a été refusé. Montant à payer\u00a0: 123,45\u00a0€. Payez avant le 24 décembre 2026 à 18\u00a0h\u00a000", letter.Text, StringComparison.Ordinal);
        Assert.Contains($"https://achats.ville.test/mes-engagements/{notice.Recipients[0].CommitmentId}\n", letter.Text, StringComparison.Ordinal);
        Assert.Contains("https://achats.ville.test/mes-notifications\n", letter.Text, StringComparison.Ordinal);
        Assert.Equal("Le paiement a été refusé\u00a0: Été  Bcc: a@b.test 🌷", letter.Subject);
        Assert.DoesNotContain("\nBcc:", letter.Headers, StringComparison.Ordinal);
        Assert.Contains("@ville.test>", letter.Headers.Split("\n").Single(h => h.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase)), StringComparison.Ordinal);

        var second = Assert.Single(await fixture.Mail.LettersToAsync(english.Email));
        Assert.StartsWith("Hello Awa Diop,\n", second.Text, StringComparison.Ordinal);
        Assert.Contains("Amount to pay: €123.45. Pay before 24 December 2026, 18:00; otherwise your commitment ends.", second.Text, StringComparison.Ordinal);
        await Task.Delay(2_500);
        Assert.Equal(2, fixture.Mail.Letters.Count(l => l.To == french.Email || l.To == english.Email));
        Assert.DoesNotContain(french.Email, Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task who_switched_mails_off_gets_none_even_when_it_was_after_the_notice()
    {
        using var mail = new MailServer { IsAway = true };
        await using var gateway = await fixture.StartAsync(mail.Settings);
        var (before, after, on) = (await NotificationFixture.RegisterAsync(gateway), await NotificationFixture.RegisterAsync(gateway), await NotificationFixture.RegisterAsync(gateway));
        await SwitchOffAsync(gateway, before);
        await gateway.DeliverAsync(NotificationFixture.Notice("pool-closes-soon", Now, before.OrganisationId, after.OrganisationId, on.OrganisationId));
        await SentAwayAsync(mail, 2);
        await SwitchOffAsync(gateway, after);
        mail.IsAway = false;
        await AdvanceAsync(gateway, "PT3M");

        await mail.LettersToAsync(on.Email);
        Assert.Single(mail.Letters);
        Assert.Equal(1, (await gateway.GetAsync("/api/notifications/unread", before.Token)).Body.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task a_letter_that_could_not_be_handed_over_for_a_day_is_given_up_and_a_newer_one_is_not()
    {
        using var mail = new MailServer { IsAway = true };
        await using var gateway = await fixture.StartAsync(mail.Settings);
        var member = await NotificationFixture.RegisterAsync(gateway);
        await gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Now, member.OrganisationId));
        await SentAwayAsync(mail, 1);
        await AdvanceAsync(gateway, "PT23H");
        await SentAwayAsync(mail, 2);
        await gateway.DeliverAsync(NotificationFixture.Notice("pool-confirmed", Now, member.OrganisationId));
        await SentAwayAsync(mail, 3);
        mail.IsAway = false;
        await AdvanceAsync(gateway, "PT2H");

        Assert.StartsWith("Le groupement est confirmé", Assert.Single(await mail.LettersToAsync(member.Email)).Subject, StringComparison.Ordinal);
        Assert.Single(mail.Letters);
        Assert.DoesNotContain(member.Email, gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task without_smtp_nothing_is_printed_and_the_portal_still_tells()
    {
        await using var gateway = await fixture.StartAsync(new() { ["Mail__Console"] = "true" });
        var member = await NotificationFixture.RegisterAsync(gateway);
        await gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Now, member.OrganisationId));
        await Task.Delay(2_500);
        Assert.DoesNotContain("mail> ", gateway.Output, StringComparison.Ordinal);
        Assert.Equal(1, (await gateway.GetAsync("/api/notifications/unread", member.Token)).Body.GetProperty("count").GetInt64());
        Assert.False((await gateway.GetAsync("/api/notifications/preferences", member.Token)).Body.GetProperty("emailIsSent").GetBoolean());
    }

    private static async Task SwitchOffAsync(ServiceProcess gateway, Member member) =>
        Assert.False((await gateway.SendAsync(HttpMethod.Put, "/api/notifications/preferences", new { byEmail = false }, member.Token)).Body.GetProperty("byEmail").GetBoolean());

    private static async Task AdvanceAsync(ServiceProcess gateway, string by) =>
        Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("/api/local/clock", new { advance = by }, gateway.Identity.Staff("admin"))).Status);

    private static async Task SentAwayAsync(MailServer mail, int times)
    {
        for (var i = 0; i < 300 && mail.SentAway < times; i++)
        {
            await Task.Delay(50);
        }

        Assert.True(mail.SentAway >= times, $"{mail.SentAway} tries.");
    }
}
