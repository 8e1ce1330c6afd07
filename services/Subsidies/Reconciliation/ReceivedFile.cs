using System.Buffers;
using System.Security.Cryptography;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// A body that was too large to hold, in a file without a name: it has no entry in any folder once it is open, so that
/// nothing of it is left whatever becomes of the process.
/// </summary>
public sealed class ReceivedFile : IAsyncDisposable
{
    private const int BufferSize = 1 << 16;
    private readonly FileStream file;

    private ReceivedFile(FileStream file, string sha256) => (this.file, Sha256) = (file, sha256);

    /// <summary>Of the whole content, in lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>The content from its beginning.</summary>
    public Stream Content
    {
        get
        {
            file.Position = 0;
            return file;
        }
    }

    /// <summary>Takes a body in, in bounded memory, and hashes it on the way.</summary>
    public static async Task<ReceivedFile> TakeAsync(Stream body, CancellationToken ct)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, BufferSize, FileOptions.Asynchronous);
        File.Delete(path);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int count; (count = await body.ReadAsync(buffer, ct)) > 0;)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), ct);
            }

            await file.FlushAsync(ct);
            return new ReceivedFile(file, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => file.DisposeAsync();
}
