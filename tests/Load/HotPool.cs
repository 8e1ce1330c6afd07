using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Load;

/// <summary>A listed pack with a funding programme, pools on it, and the prepared joins of thousands of businesses.</summary>
internal sealed class HotPool(LocalMarketplace marketplace, MarketplaceClient api, Town town, string packId, string programmeId)
{
    public static async Task<HotPool> PrepareAsync(LocalMarketplace marketplace, MarketplaceClient api, int capacity)
    {
        var town = new Town(new Account("admin", marketplace.Secrets.AdminEmail, marketplace.Secrets.AdminPassword), marketplace.Secrets.CampaignPassword);
        await town.HireAsync(api, default);
        var provider = new Account("provider", "offre@fournisseur.example", marketplace.Secrets.CampaignPassword);
        var organisation = TestOrganisation.New();
        await PostAsync("/api/auth/register", $$$"""{"email":"{{{provider.Email}}}","password":"{{{provider.Password}}}","displayName":"Fournisseur","organisation":{"kind":"provider","name":"Artois Cyber","siret":"{{{organisation.Siret}}}","departement":"62"}}""", null);
        var application = await PostAsync("/api/accreditation/applications", """{"categories":["antivirus"],"territories":["62"]}""", provider);
        var scheme = (await api.GetAsync("/api/accreditation/schemes/current", null, default)).OrThrow();
        var criteria = scheme.Body.GetProperty("criteria").EnumerateArray()
            .Where(c => c.GetProperty("mandatory").GetBoolean() && c.GetProperty("categories").EnumerateArray().Any(x => x.GetString() == "antivirus"))
            .Select(c => c.GetProperty("key").GetString()!).ToList();
        foreach (var criterion in criteria)
        {
            (await api.PutFileAsync($"/api/accreditation/applications/{application}/evidence/{criterion}", Encoding.ASCII.GetBytes("%PDF-1.4\n%%EOF\n"), "application/pdf", provider, default)).OrThrow();
        }

        await PostAsync($"/api/accreditation/applications/{application}/submit", null, provider);
        await PostAsync($"/api/accreditation/applications/{application}/evaluation", $$"""{"findings":[{{string.Join(",", criteria.Select(c => $$"""{"criterionKey":"{{c}}","met":true,"note":"vu"}"""))}}]}""", town.Assessor);
        await PostAsync($"/api/accreditation/applications/{application}/decision", """{"decision":"grant","reason":"complet"}""", town.SecondAssessor);
        var pack = await PostAsync("/api/catalog/packs", $$"""{"name":"Antivirus","description":"","category":"antivirus","unit":"seat","termMonths":12,"listPriceCents":6900,"territories":["62"],"capacity":{{capacity}},"attributes":{},"tiers":[{"minQuantity":50,"unitPriceCents":6181},{"minQuantity":300,"unitPriceCents":4499}]}""", provider);
        await PostAsync($"/api/catalog/packs/{pack}/list", null, provider);
        var programme = await PostAsync("/api/subsidies/programmes", """{"name":"Fonds","funder":"Ville","budgetCents":100000000000,"rateBps":4000,"capCents":45000,"categories":["antivirus"],"territories":["62"],"deMinimis":true}""", town.Finance);
        return new HotPool(marketplace, api, town, pack, programme);

        async Task<string> PostAsync(string path, string? body, Account? who)
        {
            var answer = (await api.PostAsync(path, body is null ? null : JsonNode.Parse(body), who, default)).OrThrow();
            return answer.Body.ValueKind == JsonValueKind.Object ? answer.Text("id") ?? "" : "";
        }
    }

    /// <summary>A new open pool; its id.</summary>
    public async Task<string> OpenAsync(int capacity)
    {
        var body = JsonNode.Parse($$"""{"packId":"{{packId}}","title":"Antivirus","closesAt":"{{marketplace.Now.AddDays(30):yyyy-MM-dd'T'HH:mm:ss'Z'}}","maxQuantity":{{capacity}},"territories":["62"],"programmeIds":["{{programmeId}}"]}""");
        return (await api.PostAsync("/api/pools", body, town.Buyer, default)).OrThrow().Text("id")!;
    }

    /// <summary>Tokens of so many businesses, signed with the gateway's key as the gateway would: signing in is not what is measured.</summary>
    public string[] Tokens(int count)
    {
        var tokens = new string[count];
        var sirens = new ConcurrentDictionary<string, bool>();
        Parallel.For(0, count, () => Credentials(marketplace.Secrets.IdentityKey), (i, _, credentials) =>
        {
            var business = TestOrganisation.New();
            while (!sirens.TryAdd(business.Siren, true))
            {
                business = TestOrganisation.New();
            }

            tokens[i] = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = Platform.Identity.Tokens.Issuer,
                Audience = Platform.Identity.Tokens.Issuer,
                Expires = DateTime.UtcNow.AddHours(1),
                SigningCredentials = credentials,
                Subject = new ClaimsIdentity(
                [
                    new(ClaimNames.Subject, Guid.CreateVersion7().ToString()),
                    new(ClaimNames.Role, Roles.Business),
                    new(ClaimNames.OrganisationId, business.Id.ToString()),
                    new(ClaimNames.OrganisationName, business.Name),
                    new(ClaimNames.Siret, business.Siret),
                    new(ClaimNames.Departement, "62"),
                    new(ClaimNames.Headcount, "5", ClaimValueTypes.Integer32),
                    new(ClaimNames.TurnoverCents, "10000000", ClaimValueTypes.Integer64),
                ]),
            });
            return credentials;
        }, _ => { });
        return tokens;
    }

    /// <summary>The bytes of one join per token.</summary>
    public static List<byte[]> Requests(string path, IEnumerable<string> tokens, int port) => tokens
        .Select(token => Request(path, port, $"Authorization: Bearer {token}\r\nIdempotency-Key: {Guid.NewGuid()}\r\n"))
        .ToList();

    /// <summary>The bytes of a join.</summary>
    public static byte[] Request(string path, int port, string headers = "")
    {
        const string Body = "{\"quantity\":1}";
        return Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n{headers}\r\n{Body}");
    }

    private static SigningCredentials Credentials(string identityKey)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(identityKey), out _);
        return new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = Platform.Identity.Tokens.KeyId(rsa) }, SecurityAlgorithms.RsaSha256);
    }
}
