using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform.Identity;

/// <summary>The roles of DOMAIN.md.</summary>
public static class Roles
{
    /// <summary>A business's buyer.</summary>
    public const string Business = "business";

    /// <summary>A provider's sales or compliance staff.</summary>
    public const string Provider = "provider";

    /// <summary>The town's pool manager.</summary>
    public const string Buyer = "buyer";

    /// <summary>Accreditation staff.</summary>
    public const string Assessor = "assessor";

    /// <summary>Finance staff.</summary>
    public const string Finance = "finance";

    /// <summary>The town's administrator.</summary>
    public const string Admin = "admin";
}

/// <summary>Names of the claims in the gateway's tokens.</summary>
public static class ClaimNames
{
    /// <summary>User id.</summary>
    public const string Subject = "sub";

    /// <summary>One claim per role.</summary>
    public const string Role = "role";

    /// <summary>The user's organisation.</summary>
    public const string OrganisationId = "org";

    /// <summary>Its name.</summary>
    public const string OrganisationName = "org_name";

    /// <summary>Its SIRET (14 digits).</summary>
    public const string Siret = "siret";

    /// <summary>Its département code.</summary>
    public const string Departement = "departement";

    /// <summary>Its headcount, when known.</summary>
    public const string Headcount = "headcount";

    /// <summary>Its yearly turnover in cents, when known.</summary>
    public const string TurnoverCents = "turnover_cents";

    /// <summary>The account that a provider is paid on (IBAN, no spaces), when it gave one; never a business's.</summary>
    public const string Iban = "iban";
}

/// <summary>
/// Who makes the current request, from the verified token; while a message is handled, nobody: the system.
/// </summary>
public sealed class Caller(IHttpContextAccessor accessor)
{
    private ClaimsPrincipal? User => accessor.HttpContext?.User;

    /// <summary>The user, or null when nobody is signed in.</summary>
    public Guid? UserId => Guid.TryParse(Find(ClaimNames.Subject), out var id) ? id : null;

    /// <summary>The user, or the empty id.</summary>
    public Guid UserIdOrEmpty => UserId ?? Guid.Empty;

    /// <summary>The user's roles, joined by commas, for the audit trail.</summary>
    public string? Role => User?.FindAll(ClaimNames.Role).Select(c => c.Value).ToList() is { Count: > 0 } roles ? string.Join(',', roles) : null;

    /// <summary>True when the user holds the role.</summary>
    public bool Has(string role) => User?.HasClaim(ClaimNames.Role, role) == true;

    /// <summary>The user's organisation; null for the town's staff.</summary>
    public Guid? OrganisationId => Guid.TryParse(Find(ClaimNames.OrganisationId), out var id) ? id : null;

    /// <summary>The organisation's name.</summary>
    public string? OrganisationName => Find(ClaimNames.OrganisationName);

    /// <summary>The organisation's SIRET (14 digits).</summary>
    public string? Siret => Find(ClaimNames.Siret);

    /// <summary>The organisation's SIREN: the first 9 digits of its SIRET.</summary>
    public string? Siren => Siret?[..9];

    /// <summary>The organisation's département code.</summary>
    public string? Departement => Find(ClaimNames.Departement);

    /// <summary>The organisation's headcount, when it was given.</summary>
    public int? Headcount => int.TryParse(Find(ClaimNames.Headcount), out var n) ? n : null;

    /// <summary>The organisation's yearly turnover in cents, when it was given.</summary>
    public long? TurnoverCents => long.TryParse(Find(ClaimNames.TurnoverCents), out var n) ? n : null;

    /// <summary>The account that the provider is paid on (IBAN, no spaces), when it gave one.</summary>
    public string? Iban => Find(ClaimNames.Iban);

    /// <summary>The request's <c>Idempotency-Key</c>, if it sent one.</summary>
    public string? IdempotencyKey => accessor.HttpContext?.Request.Headers.TryGetValue("Idempotency-Key", out var key) == true ? key.ToString() : null;

    /// <summary>The version of <c>If-Match</c>, if it sent one; −1 when it is none of ours and so can match nothing.</summary>
    public long? ExpectedVersion
    {
        get
        {
            if (accessor.HttpContext?.Request.Headers.IfMatch.ToString() is not { Length: > 0 } header || header == "*")
            {
                return null;
            }

            return long.TryParse(header.Trim('"'), out var version) ? version : -1;
        }
    }

    /// <summary>The bearer token as sent, to call a neighbour on the caller's behalf.</summary>
    public string? Authorization => accessor.HttpContext?.Request.Headers.Authorization.ToString() is { Length: > 0 } header ? header : null;

    private string? Find(string claim) => User?.FindFirst(claim)?.Value;
}
