using System.Security.Claims;
using System.Security.Cryptography;
using Marketplace.Platform.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Testing;

/// <summary>An organisation as a token tells it.</summary>
public sealed record TestOrganisation(Guid Id, string Name, string Siret, string Departement, int? Headcount = 5, long? TurnoverCents = 10_000_000, string? Iban = null)
{
    /// <summary>The SIREN.</summary>
    public string Siren => Siret[..9];

    /// <summary>A new organisation with a valid random SIRET.</summary>
    public static TestOrganisation New(string departement = "62", string name = "Boulangerie d'essai", int? headcount = 5, long? turnoverCents = 10_000_000) =>
        new(Guid.CreateVersion7(), name, RandomSiret(), departement, headcount, turnoverCents);

    private static string RandomSiret()
    {
        var siren = WithLuhn(RandomNumberGenerator.GetString("0123456789", 8));
        return WithLuhn(siren + RandomNumberGenerator.GetString("0123456789", 4));
    }

    private static string WithLuhn(string digits)
    {
        for (var check = 0; ; check++)
        {
            var candidate = digits + check;
            var sum = candidate.Reverse().Select((c, i) => (c - '0') * (i % 2 + 1)).Sum(d => d > 9 ? d - 9 : d);
            if (sum % 10 == 0)
            {
                return candidate;
            }
        }
    }
}

/// <summary>The gateway's part in a service test: a key pair, and tokens as the gateway would sign them.</summary>
public sealed class TestIdentity
{
    private readonly RSA key = RSA.Create(2048);

    /// <summary>For <c>Identity:PublicKey</c>.</summary>
    public string PublicKey => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

    /// <summary>For the gateway's <c>Identity:PrivateKey</c>.</summary>
    public string PrivateKey => Convert.ToBase64String(key.ExportPkcs8PrivateKey());

    /// <summary>A token of a new user of the town's staff.</summary>
    public string Staff(params string[] roles) => Token(Guid.CreateVersion7(), null, roles);

    /// <summary>A token of a business's buyer.</summary>
    public string Business(TestOrganisation organisation) => Token(Guid.CreateVersion7(), organisation, Roles.Business);

    /// <summary>A token of a provider's staff.</summary>
    public string Provider(TestOrganisation organisation) => Token(Guid.CreateVersion7(), organisation, Roles.Provider);

    /// <summary>A token valid for an hour.</summary>
    public string Token(Guid userId, TestOrganisation? organisation, params string[] roles)
    {
        List<Claim> claims = [new(ClaimNames.Subject, userId.ToString()), .. roles.Select(r => new Claim(ClaimNames.Role, r))];
        if (organisation is not null)
        {
            claims.AddRange([
                new(ClaimNames.OrganisationId, organisation.Id.ToString()),
                new(ClaimNames.OrganisationName, organisation.Name),
                new(ClaimNames.Siret, organisation.Siret),
                new(ClaimNames.Departement, organisation.Departement),
            ]);
            if (organisation.Headcount is { } headcount)
            {
                claims.Add(new(ClaimNames.Headcount, $"{headcount}", ClaimValueTypes.Integer32));
            }

            if (organisation.TurnoverCents is { } turnover)
            {
                claims.Add(new(ClaimNames.TurnoverCents, $"{turnover}", ClaimValueTypes.Integer64));
            }

            if (organisation.Iban is { } iban)
            {
                claims.Add(new(ClaimNames.Iban, iban));
            }
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Tokens.Issuer,
            Audience = Tokens.Issuer,
            Subject = new ClaimsIdentity(claims),
            Expires = DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key) { KeyId = Tokens.KeyId(key) }, SecurityAlgorithms.RsaSha256),
        });
    }
}
