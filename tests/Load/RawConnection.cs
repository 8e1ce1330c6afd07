using System.Net;
using System.Net.Sockets;

namespace Marketplace.Load;

/// <summary>
/// One keep-alive HTTP/1.1 connection that sends prepared bytes and reads one answer: the load generator shares two
/// cores with what it measures, so it must cost next to nothing.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] buffer = new byte[16 * 1024];

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = new RawConnection();
        await connection.socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return connection;
    }

    /// <summary>The status of the answer.</summary>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        await socket.SendAsync(request, SocketFlags.None);
        var received = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(received), SocketFlags.None);
            if (read == 0)
            {
                throw new IOException("The gateway closed the connection.");
            }

            received += read;
            if (IsComplete(buffer.AsSpan(0, received), out var status))
            {
                return status;
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer, out int status)
    {
        status = 0;
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = answer[..end];
        status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + head[11] - '0';
        var at = head.IndexOf("Content-Length: "u8);
        if (at < 0)
        {
            return head.IndexOf("Transfer-Encoding: chunked"u8) >= 0 ? answer.EndsWith("0\r\n\r\n"u8) : true;
        }

        var length = 0;
        for (var i = at + 16; i < head.Length && head[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            length = length * 10 + head[i] - '0';
        }

        return answer.Length >= end + 4 + length;
    }
}
