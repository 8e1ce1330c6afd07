using System.Net;
using System.Text.RegularExpressions;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed partial class MailTests(GatewayFixture fixture)
{
    [Fact]
    public async Task with_smtp_the_link_is_mailed_and_not_printed_and_a_mail_server_that_was_away_gets_it_later()
    {
        using var mail = new MailServer { IsAway = true };
        await using var gateway = await fixture.StartAsync(mail.Settings);

        Assert.Equal(HttpStatusCode.Accepted, (await gateway.PostAsync("/api/auth/password-reset", new { email = GatewayFixture.AdminEmail, language = "en" }, null)).Status);
        for (var i = 0; i < 300 && mail.SentAway == 0; i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(1, mail.SentAway);
        mail.IsAway = false;
        Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("/api/local/clock", new { advance = "PT2M" }, gateway.Identity.Staff("admin"))).Status);
        await gateway.PostAsync("/api/auth/password-reset", new { email = GatewayFixture.NewEmail() }, null);

        var letter = Assert.Single(await mail.LettersToAsync(GatewayFixture.AdminEmail));
        var link = Link().Match(letter.Text);
        Assert.True(link.Success, letter.Text);
        Assert.DoesNotContain("jeton=", gateway.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/api/auth/password", new { token = link.Groups[1].Value, password = "le-nouveau-mot-2026" }, null)).Status);
    }

    [GeneratedRegex(@"https://achats\.ville\.test/nouveau-mot-de-passe\?jeton=([\w-]{43})\b")]
    private static partial Regex Link();
}
