using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Marketplace.Portal.Assets;

/// <summary>
/// A style sheet, script or picture of the portal, from the assembly. Its address holds the hash of its content, so that
/// browsers keep it for ever and never use an old one; it is compressed once.
/// </summary>
public sealed class Asset
{
    private static readonly FrozenDictionary<string, Asset> All = Load();
    private readonly byte[] content;
    private readonly byte[]? brotli;
    private readonly byte[]? gzip;
    private readonly string mediaType;

    private Asset(string name, byte[] content)
    {
        this.content = content;
        mediaType = Path.GetExtension(name) switch { ".css" => "text/css; charset=utf-8", ".js" => "text/javascript; charset=utf-8", ".svg" => "image/svg+xml", _ => "application/octet-stream" };
        brotli = Compress(stream => new BrotliStream(stream, CompressionLevel.SmallestSize));
        gzip = Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize));
        Address = $"/assets/{Path.GetFileNameWithoutExtension(name)}.{Convert.ToHexStringLower(SHA256.HashData(content))[..12]}{Path.GetExtension(name)}";
    }

    /// <summary>Its path.</summary>
    public string Address { get; }

    /// <summary>The path of an asset, such as <c>portal.css</c>.</summary>
    public static string Of(string name) => All[name].Address;

    /// <summary>Serves all of them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var asset in All.Values)
        {
            routes.MapGet(asset.Address, asset.SendAsync).ExcludeFromDescription();
        }
    }

    private Task SendAsync(HttpContext context)
    {
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        var (body, encoding) = accepted.Contains("br", StringComparison.Ordinal) ? (brotli, "br") : accepted.Contains("gzip", StringComparison.Ordinal) ? (gzip, "gzip") : (content, null);
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.Vary = "Accept-Encoding";
        context.Response.ContentType = mediaType;
        if (encoding is not null)
        {
            context.Response.Headers.ContentEncoding = encoding;
        }

        context.Response.ContentLength = body!.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (var stream = compressor(compressed))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        const string prefix = "Assets.";
        var assembly = typeof(Asset).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToFrozenDictionary(n => n[prefix.Length..], n =>
        {
            using var stream = assembly.GetManifestResourceStream(n)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new Asset(n[prefix.Length..], content);
        });
    }
}
