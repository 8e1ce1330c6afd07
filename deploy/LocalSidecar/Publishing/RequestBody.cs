namespace Marketplace.LocalSidecar.Publishing;

internal static class RequestBody
{
    /// <summary>The whole body; Kestrel bounds it at daprd's 4 MiB.</summary>
    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        var length = (int)Math.Min(context.Request.ContentLength ?? 0, Sidecar.MaxBodySize);
        if (length > 0)
        {
            var exact = new byte[length];
            await context.Request.Body.ReadExactlyAsync(exact, context.RequestAborted);
            return exact;
        }
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }
}
