using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Portal.Api;

/// <summary>
/// Where the portal finds the API: in its own process (never at the sidecar's port), unless <c>Portal:Api</c> names
/// another address. It introduces itself with a secret of this process, so that limits are counted by the reader's
/// address and not by the portal's.
/// </summary>
public sealed class PortalAddress(IConfiguration configuration, IServer server)
{
    private const string SecretHeader = "X-Portal-Secret";
    private const string ReaderHeader = "X-Portal-Reader";
    private const int LongestBrowser = 200;
    private readonly string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private Uri? api;

    /// <summary>Base address of the API.</summary>
    public Uri Api => api ??= new Uri(configuration["Portal:Api"] is { Length: > 0 } configured ? configured : Own());

    /// <summary>Says for whom the portal asks, and with what they read.</summary>
    public void Introduce(HttpRequestMessage request, HttpContext reader)
    {
        var browser = string.Concat(reader.Request.Headers.UserAgent.ToString().Where(c => c is >= ' ' and <= '~').Take(LongestBrowser));
        request.Headers.TryAddWithoutValidation("User-Agent", browser);
        request.Headers.Add(SecretHeader, secret);
        request.Headers.Add(ReaderHeader, reader.Connection.RemoteIpAddress?.ToString() ?? "");
    }

    /// <summary>Gives a request of the portal the address of its reader; anybody else's claim to be the portal is dropped.</summary>
    public void Recognise(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers[SecretHeader] is [{ } given]
            && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(given), System.Text.Encoding.ASCII.GetBytes(secret))
            && System.Net.IPAddress.TryParse(headers[ReaderHeader].ToString(), out var reader))
        {
            context.Connection.RemoteIpAddress = reader;
        }

        headers.Remove(SecretHeader);
        headers.Remove(ReaderHeader);
    }

    private string Own()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
        var own = addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal) && $"{BindingAddress.Parse(a).Port}" != configuration["AppChannel:Port"])
            ?? throw new InvalidOperationException("The portal finds no http address of its own; set Portal:Api.");
        return own.Replace("://+", "://127.0.0.1", StringComparison.Ordinal).Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal).Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);
    }
}
