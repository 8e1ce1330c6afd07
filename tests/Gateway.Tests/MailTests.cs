using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed partial class MailTests(GatewayFixture fixture)
{
    [Fact]
    public async Task with_smtp_the_link_is_mailed_and_not_printed_and_a_mail_server_that_was_away_gets_it_later()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var gateway = await fixture.StartAsync(new()
        {
            ["Mail__Smtp__Host"] = "127.0.0.1",
            ["Mail__Smtp__Port"] = $"{((IPEndPoint)listener.LocalEndpoint).Port}",
            ["Mail__Smtp__From"] = "ne-pas-repondre@ville.test",
            ["Mail__Smtp__Tls"] = "false",
            ["PublicAddress"] = "https://achats.ville.test",
        });

        Assert.Equal(HttpStatusCode.Accepted, (await gateway.PostAsync("/api/auth/password-reset", new { email = GatewayFixture.AdminEmail, language = "en" }, null)).Status);
        Assert.Null(await ReceiveAsync(listener, isAway: true));
        Assert.Equal(HttpStatusCode.OK, (await gateway.PostAsync("/api/local/clock", new { advance = "PT2M" }, gateway.Identity.Staff("admin"))).Status);
        await gateway.PostAsync("/api/auth/password-reset", new { email = GatewayFixture.NewEmail() }, null);

        var (to, letter) = (await ReceiveAsync(listener, isAway: false))!.Value;
        Assert.Equal(GatewayFixture.AdminEmail, to);
        var link = Link().Match(letter);
        Assert.True(link.Success, letter);
        Assert.DoesNotContain("jeton=", gateway.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync("/api/auth/password", new { token = link.Groups[1].Value, password = "le-nouveau-mot-2026" }, null)).Status);
    }

    /// <summary>One conversation of a mail server (RFC 5321): who the letter is for, and its text; nothing when it sends the client away.</summary>
    private static async Task<(string To, string Text)?> ReceiveAsync(TcpListener listener, bool isAway)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = await listener.AcceptTcpClientAsync(patience.Token);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync(isAway ? "421 away" : "220 test");
        if (isAway)
        {
            return null;
        }

        var (to, text, isText) = ("", new StringBuilder(), false);
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (isText && line != ".")
            {
                text.Append(line).Append('\n');
                continue;
            }

            if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase))
            {
                to = line.Split('<', '>')[1];
            }

            isText = line == "DATA";
            await writer.WriteLineAsync(isText ? "354 go on" : line == "QUIT" ? "221 bye" : "250 ok");
            if (line == ".")
            {
                return (to, Plain(text.ToString()));
            }
        }

        return null;
    }

    private static string Plain(string message)
    {
        var parts = message.Split("\n\n", 2);
        var body = parts.Length == 2 ? parts[1] : message;
        return message.Contains("base64", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetString(Convert.FromBase64String(body.Trim()))
            : body.Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"https://achats\.ville\.test/nouveau-mot-de-passe\?jeton=([\w-]{43})\b")]
    private static partial Regex Link();
}
