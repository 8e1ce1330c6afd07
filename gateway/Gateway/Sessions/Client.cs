namespace Marketplace.Gateway.Sessions;

/// <summary>From where and with what somebody signs in, as far as the request tells.</summary>
/// <param name="Address">Network address.</param>
/// <param name="UserAgent">What the browser says it is: at most 200 characters, none of them a control character.</param>
public sealed record Client(string Address, string UserAgent)
{
    private const int LongestName = 200;

    /// <summary>The client of the request.</summary>
    public static Client Of(HttpContext context)
    {
        var name = string.Concat(context.Request.Headers.UserAgent.ToString().Where(c => c is >= ' ' and <= '~').Take(LongestName));
        return new(context.Connection.RemoteIpAddress?.ToString() ?? "unknown", name);
    }
}
