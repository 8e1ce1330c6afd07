using System.Text.Json;
using Marketplace.Gateway.Accounts;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>A user as the provider tells it.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">Its name of the user, 1 to 255 characters; never given to another user.</param>
/// <param name="Email">A valid address; null without one.</param>
/// <param name="IsEmailVerified">The provider says so, or is trusted with it.</param>
/// <param name="Name">At most 200 characters; null without one.</param>
/// <param name="Siret">A valid SIRET; null without one.</param>
/// <param name="Organisation">The organisation's name, at most 200 characters; null without one.</param>
/// <param name="Roles">Ours, as mapped; null when the provider told nothing of roles (an access token need not).</param>
/// <param name="IsMultiFactor">The provider asked for two factors.</param>
public sealed record ExternalIdentity(
    string Issuer, string Subject, string? Email, bool IsEmailVerified, string? Name, string? Siret, string? Organisation, string[]? Roles, bool IsMultiFactor)
{
    private const int LongestName = 200;
    private const int LongestSubject = 255;

    /// <summary>
    /// Reads claims that were verified. Roles that go by the e-mail (<c>Claims:Roles=email</c>) need a verified one, and
    /// where <c>StaffSirets</c> is set, staff has to work there.
    /// </summary>
    /// <returns>Null without a usable subject.</returns>
    public static ExternalIdentity? Read(OpenIdSettings settings, IReadOnlyDictionary<string, JsonElement> claims)
    {
        var names = settings.Claims;
        string? Text(string name) => claims.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 } text ? text : null;
        if (Text("sub") is not { Length: <= LongestSubject } subject || subject.Any(char.IsControl))
        {
            return null;
        }

        var email = Text(names.Email) is { } address && Accounts.Email.IsValid(address) ? address : null;
        var isVerified = email is not null && (settings.TrustsEmail || (claims.TryGetValue("email_verified", out var verified) && verified.ValueKind == JsonValueKind.True));
        var siret = Text(names.Siret) is { } digits && Accounts.Siret.WithoutSpaces(digits) is var bare && Accounts.Siret.IsValid(bare) ? bare : null;
        var family = Text("usual_name") ?? Text("family_name");
        var name = Text(names.Name) ?? string.Join(' ', new[] { Text("given_name"), family }.OfType<string>());
        var mayBeStaff = (settings.StaffSirets.Length == 0 || (siret is not null && settings.StaffSirets.Contains(siret))) && (names.Roles != names.Email || isVerified);
        var told = claims.TryGetValue(names.Roles, out var roles) ? Values(roles).ToArray() : null;
        return new ExternalIdentity(
            settings.Issuer, subject, email, isVerified, Short(name), siret, Short(Text(names.Organisation)),
            told is null ? null : mayBeStaff ? told.SelectMany(v => settings.Roles.GetValueOrDefault(v, [])).Distinct().Order().ToArray() : [],
            (Text("acr") is { } acr && settings.MultiFactorAcr.Contains(acr)) || (claims.TryGetValue("amr", out var amr) && Values(amr).Contains("mfa")));
    }

    private static IEnumerable<string> Values(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => [claim.GetString()!],
        JsonValueKind.Array => claim.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!),
        _ => [],
    };

    private static string? Short(string? text)
    {
        var clean = text is null ? "" : string.Concat(text.Where(c => !char.IsControl(c)).Take(LongestName)).Trim();
        return clean.Length == 0 ? null : clean;
    }
}
