using System.Net;
using System.Net.Mail;
using System.Text;

namespace Marketplace.Gateway.Mail;

/// <summary>A letter: plain text to one reader.</summary>
/// <param name="Id">The same when it has to be sent again, so that mailboxes know it; null where each sending is a letter of its own.</param>
public sealed record Letter(string To, string Subject, string Text, Guid? Id = null);

/// <summary>
/// How letters leave: by SMTP where <c>Mail:Smtp:Host</c> is set (with <c>Port</c>, <c>User</c>, <c>Password</c>,
/// <c>From</c>, and <c>Tls</c>, on unless <c>false</c>); else on the console, each line marked, where the local run asked
/// for that (<c>Mail:Console=true</c>); else not at all, since letters hold secrets that no log may keep.
/// </summary>
public sealed partial class Post
{
    /// <summary>Begins every line of a letter on the console.</summary>
    public const string Marker = "mail> ";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly IConfiguration smtp;
    private readonly bool toConsole;
    private readonly ILogger<Post> log;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="InvalidOperationException">SMTP is configured by halves.</exception>
    public Post(IConfiguration configuration, ILogger<Post> log)
    {
        this.log = log;
        smtp = configuration.GetSection("Mail:Smtp");
        toConsole = configuration.GetValue("Mail:Console", false);
        if (smtp["Host"] is { Length: > 0 } && (!MailAddress.TryCreate(smtp["From"], out _) || !Uri.TryCreate(configuration["PublicAddress"], UriKind.Absolute, out _)))
        {
            throw new InvalidOperationException("With Mail:Smtp:Host go Mail:Smtp:From (an e-mail address) and PublicAddress (the address that links in letters begin with).");
        }
    }

    /// <summary>True where letters leave by SMTP.</summary>
    public bool SendsMail => smtp["Host"] is { Length: > 0 };

    /// <summary>Sends the letter, or says why not; false when it is worth another try.</summary>
    public async Task<bool> SendAsync(Letter letter, CancellationToken ct)
    {
        if (smtp["Host"] is not { Length: > 0 } host)
        {
            Show(letter);
            return true;
        }

        try
        {
            using var client = new SmtpClient(host, smtp.GetValue("Port", 587)) { EnableSsl = smtp.GetValue("Tls", true) };
            if (smtp["User"] is { Length: > 0 } user)
            {
                client.Credentials = new NetworkCredential(user, smtp["Password"]);
            }

            using var message = new MailMessage(smtp["From"]!, letter.To, letter.Subject, letter.Text) { BodyEncoding = Encoding.UTF8, SubjectEncoding = Encoding.UTF8 };
            if (letter.Id is { } id)
            {
                message.Headers.Add("Message-ID", $"<{id}@{message.From!.Host}>");
            }

            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
            timeout.CancelAfter(Patience);
            await client.SendMailAsync(message, timeout.Token);
            return true;
        }
        catch (Exception e) when (e is SmtpException or FormatException or InvalidOperationException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            NotSent(log, e.GetType().Name, (e as SmtpException)?.StatusCode.ToString() ?? "", host);
            return false;
        }
    }

    private void Show(Letter letter)
    {
        if (!toConsole)
        {
            NoWay(log);
            return;
        }

        string[] lines = [$"{letter.To}: {letter.Subject}", .. letter.Text.Split('\n')];
        Console.Out.WriteLine(string.Join(Environment.NewLine, lines.Select(l => Marker + l.TrimEnd())));
    }

    [LoggerMessage(LogLevel.Warning, "A letter could not be handed to {Host} ({Failure} {Status}); it is tried again")]
    private static partial void NotSent(ILogger log, string failure, string status, string host);

    [LoggerMessage(LogLevel.Warning, "A letter was not sent: Mail:Smtp is not configured")]
    private static partial void NoWay(ILogger log);
}
