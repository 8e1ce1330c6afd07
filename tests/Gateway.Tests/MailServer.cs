using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Marketplace.Gateway.Tests;

/// <summary>A letter as a mail server got it.</summary>
public sealed record ReceivedLetter(string To, string Headers, string Text)
{
    /// <summary>The subject, decoded (RFC 2047).</summary>
    public string Subject => string.Concat(Headers.Split("Subject: ")[1].Split("\nContent")[0].Split("\nMIME")[0].Split('\n').Select(Decoded)).Trim();

    private static string Decoded(string line)
    {
        var parts = line.Trim().Split('?');
        return parts is ["=", _, "B" or "b", var base64, ..] ? Encoding.UTF8.GetString(Convert.FromBase64String(base64))
            : parts is ["=", _, "Q" or "q", var quoted, ..] ? Quoted(quoted.Replace('_', ' '))
            : line.Trim();
    }

    /// <summary>Quoted-printable (RFC 2045 §6.7).</summary>
    public static string Quoted(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && Uri.IsHexDigit(text[i + 1]) && Uri.IsHexDigit(text[i + 2]))
            {
                bytes.Add(Convert.ToByte(text[(i + 1)..(i + 3)], 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}

/// <summary>A mail server (RFC 5321) that keeps what it gets, or sends its clients away.</summary>
public sealed class MailServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public MailServer()
    {
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Answers 421 to whoever comes.</summary>
    public bool IsAway { get; set; }

    /// <summary>How many were sent away.</summary>
    public int SentAway;

    public ConcurrentQueue<ReceivedLetter> Letters { get; } = new();

    /// <summary>The settings of a gateway that sends its letters here.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["Mail__Smtp__Host"] = "127.0.0.1",
        ["Mail__Smtp__Port"] = $"{Port}",
        ["Mail__Smtp__From"] = "ne-pas-repondre@ville.test",
        ["Mail__Smtp__Tls"] = "false",
        ["PublicAddress"] = "https://achats.ville.test",
    };

    /// <summary>The letters to this mailbox, once there are so many.</summary>
    public async Task<IReadOnlyList<ReceivedLetter>> LettersToAsync(string email, int count = 1)
    {
        for (var i = 0; i < 300; i++)
        {
            if (Letters.Where(l => l.To == email).ToList() is { } letters && letters.Count >= count)
            {
                return letters;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Only {Letters.Count(l => l.To == email)} letters came to {email}.");
    }

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ConverseAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        using var connection = client;
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        if (IsAway)
        {
            Interlocked.Increment(ref SentAway);
            await writer.WriteLineAsync("421 away");
            return;
        }

        await writer.WriteLineAsync("220 test");
        var (to, text, isText) = ("", new StringBuilder(), false);
        while (await reader.ReadLineAsync() is { } line)
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

            if (line == ".")
            {
                Letters.Enqueue(Letter(to, text.ToString()));
                text.Clear();
            }

            isText = line == "DATA";
            await writer.WriteLineAsync(isText ? "354 go on" : line == "QUIT" ? "221 bye" : "250 ok");
        }
    }

    private static ReceivedLetter Letter(string to, string message)
    {
        var parts = message.Split("\n\n", 2);
        var body = parts[0].Contains("base64", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8.GetString(Convert.FromBase64String(parts[1].Replace("\n", "", StringComparison.Ordinal)))
            : parts[0].Contains("quoted-printable", StringComparison.OrdinalIgnoreCase) ? ReceivedLetter.Quoted(parts[1].Replace("=\n", "", StringComparison.Ordinal))
            : parts[1];
        return new ReceivedLetter(to, parts[0], body.Replace("\r", "", StringComparison.Ordinal));
    }
}
