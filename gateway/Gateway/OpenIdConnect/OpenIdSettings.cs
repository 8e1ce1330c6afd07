using System.Text.Json;
using Marketplace.Gateway.Accounts;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>Which claims of the provider say what.</summary>
/// <param name="Email">The e-mail address.</param>
/// <param name="Name">Full name; without it, <c>given_name</c> and <c>usual_name</c> or <c>family_name</c>.</param>
/// <param name="Siret">The SIRET of the organisation that the user works for.</param>
/// <param name="Organisation">The organisation's name.</param>
/// <param name="Roles">What <c>OpenIdConnect:Roles</c> maps; one value or a list.</param>
public sealed record ClaimMapping(string Email, string Name, string Siret, string Organisation, string Roles);

/// <summary>
/// The provider of <c>OpenIdConnect:*</c>. There is none unless <c>Authority</c> is set.
/// </summary>
/// <param name="Issuer">The <c>Authority</c> as configured: the provider's own name of itself must be exactly this.</param>
/// <param name="ClientId">Ours, there.</param>
/// <param name="ClientSecret">Ours; empty for a client without one, which PKCE alone protects.</param>
/// <param name="ClientAuthentication"><c>client_secret_post</c> or <c>client_secret_basic</c>; empty: what the provider offers, the first of these two.</param>
/// <param name="Scopes">Separated by spaces.</param>
/// <param name="AcrValues">Asked for as <c>acr_values</c>; empty: not sent.</param>
/// <param name="ClaimsRequest">Asked for as <c>claims</c> (JSON); empty: not sent.</param>
/// <param name="IdpHint">Sent as <c>idp_hint</c>; empty: not sent.</param>
/// <param name="Label">The provider's name on the sign-in page.</param>
/// <param name="Audience">The <c>aud</c> of access tokens that the API accepts; empty: it accepts none.</param>
/// <param name="TokenTypes">The <c>typ</c> of access tokens that the API accepts.</param>
/// <param name="TrustsEmail">The provider has verified every e-mail it tells, also where it does not say <c>email_verified</c>.</param>
/// <param name="MultiFactorAcr">Values of <c>acr</c> that mean two factors; <c>amr</c> with <c>mfa</c> always does.</param>
/// <param name="Roles">Our roles by value of the roles claim; empty: the provider says who somebody is and nothing of roles.</param>
/// <param name="StaffSirets">Only who works there becomes staff; empty: anybody whom <paramref name="Roles"/> names.</param>
/// <param name="Claims">Names of claims.</param>
public sealed record OpenIdSettings(
    string Issuer, string ClientId, string ClientSecret, string ClientAuthentication, string Scopes, string AcrValues, string ClaimsRequest, string IdpHint, string Label, string Audience,
    string[] TokenTypes, bool TrustsEmail, string[] MultiFactorAcr, IReadOnlyDictionary<string, string[]> Roles, string[] StaffSirets, ClaimMapping Claims)
{
    /// <summary>The settings; null without <c>OpenIdConnect:Authority</c>.</summary>
    /// <exception cref="InvalidOperationException">They are not usable; the message says why.</exception>
    public static OpenIdSettings? From(IConfiguration configuration)
    {
        var section = configuration.GetSection("OpenIdConnect");
        if (section["Authority"] is not { Length: > 0 } authority)
        {
            return null;
        }

        string Text(string name, string otherwise = "") => section[name] is { Length: > 0 } text ? text.Trim() : otherwise;
        var settings = new OpenIdSettings(
            authority, Text("ClientId"), Text("ClientSecret"), Text("ClientAuthentication"), Text("Scopes", "openid email profile"), Text("AcrValues"), Text("ClaimsRequest"), Text("IdpHint"),
            Text("Label", "OpenID Connect"), Text("Audience"), List(Text("TokenTypes", "at+jwt")), section.GetValue("TrustEmail", false), List(Text("MultiFactorAcr")), RolesOf(Text("Roles")), List(Text("StaffSirets")),
            new ClaimMapping(Text("Claims:Email", "email"), Text("Claims:Name", "name"), Text("Claims:Siret", "siret"), Text("Claims:Organisation", "organization_label"), Text("Claims:Roles", "roles")));
        Require(IsSafe(authority, out _), "OpenIdConnect:Authority is an https address (http on this machine only).");
        Require(settings.ClientId.Length > 0, "With OpenIdConnect:Authority goes OpenIdConnect:ClientId.");
        Require(settings.ClientAuthentication is "" or "client_secret_post" or "client_secret_basic", "OpenIdConnect:ClientAuthentication is client_secret_post or client_secret_basic.");
        Require(settings.Scopes.Split(' ').Contains("openid"), "OpenIdConnect:Scopes holds openid.");
        Require(settings.Audience != settings.ClientId, "OpenIdConnect:Audience is not the ClientId: an id_token opens no API.");
        Require(settings.ClaimsRequest.Length == 0 || IsJsonObject(settings.ClaimsRequest), "OpenIdConnect:ClaimsRequest is a JSON object.");
        Require(settings.Roles.Values.SelectMany(r => r).All(CreateStaff.StaffRoles.Contains), $"OpenIdConnect:Roles is a list such as acheteurs=buyer,finances=finance; roles are {string.Join(", ", CreateStaff.StaffRoles)}.");
        return settings;
    }

    /// <summary>True for an https address, and for http that does not leave this machine.</summary>
    public static bool IsSafe(string? text, out Uri address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address!) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback));

    private static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What stands left of the last equals sign is the claim's value, whatever signs it holds.</summary>
    private static Dictionary<string, string[]> RolesOf(string text) => List(text)
        .Select(pair => (Value: pair[..Math.Max(0, pair.LastIndexOf('='))].Trim(), Role: pair[(pair.LastIndexOf('=') + 1)..].Trim()))
        .GroupBy(p => p.Value)
        .ToDictionary(g => g.Key, g => g.Select(p => p.Value.Length == 0 ? "" : p.Role).Distinct().ToArray());

    private static bool IsJsonObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
