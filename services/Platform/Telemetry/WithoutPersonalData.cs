using System.Diagnostics;
using OpenTelemetry;

namespace Marketplace.Platform.Telemetry;

/// <summary>
/// Addresses name people: a SIREN is a segment of some, a one-time token or a search is the query of others. Spans keep
/// neither, nor who called with what; the ids of our own objects stay.
/// </summary>
public sealed class WithoutPersonalData : BaseProcessor<Activity>
{
    private const string Hidden = "*";
    private const int LeastDigitsOfANumber = 9;
    private static readonly string[] Addresses = ["url.path", "url.full"];
    private static readonly string[] OfTheCaller = ["client.address", "network.peer.address", "user_agent.original"];

    /// <inheritdoc />
    public override void OnEnd(Activity data)
    {
        foreach (var name in Addresses)
        {
            if (data.GetTagItem(name) is string address)
            {
                data.SetTag(name, Hide(address));
            }
        }

        if (data.GetTagItem("url.query") is not null)
        {
            data.SetTag("url.query", Hidden);
        }

        foreach (var name in OfTheCaller)
        {
            data.SetTag(name, null);
        }
    }

    /// <summary>
    /// The address with <c>*</c> for its query and for each segment that is a number of nine digits or more (SIREN,
    /// SIRET) or holds an e-mail address.
    /// </summary>
    /// <param name="address">A path or an absolute address.</param>
    public static string Hide(string address)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? address : address[..query];
        var shown = string.Join('/', path.Split('/').Select(segment => IsPersonal(segment) ? Hidden : segment));
        return query < 0 ? shown : $"{shown}?{Hidden}";
    }

    private static bool IsPersonal(string segment)
    {
        var text = segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment;
        return text.Contains('@') || (text.Count(char.IsDigit) >= LeastDigitsOfANumber && text.All(c => char.IsDigit(c) || char.IsWhiteSpace(c)));
    }
}
