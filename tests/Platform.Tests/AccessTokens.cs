using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Platform.Tests;

/// <summary>Every service verifies the gateway's token itself.</summary>
public sealed class AccessTokens(NotesService notes) : IClassFixture<NotesService>
{
    private readonly RSA key = PrivateKey(notes.Process.Identity);

    [Fact]
    public async Task a_token_of_the_gateway_is_accepted_again_and_again()
    {
        var token = Signed();

        Assert.Equal(HttpStatusCode.OK, (await notes.Process.GetAsync("/api/notes", token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await notes.Process.GetAsync("/api/notes", token)).Status);
    }

    [Fact]
    public async Task nobody_signed_in_is_401_and_the_wrong_role_is_403()
    {
        var nobody = await notes.Process.GetAsync("/api/notes");
        var wrongRole = await notes.WriteAsync(new { title = "a", weight = 1 }, token: notes.Process.Identity.Staff(Roles.Finance));

        Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), (nobody.Status, nobody.Problem));
        Assert.Equal("Bearer", nobody.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (wrongRole.Status, wrongRole.Problem));
    }

    [Fact]
    public Task a_token_of_another_key_is_refused() => RefusedAsync(Signed(with: RSA.Create(2048)));

    [Fact]
    public Task a_token_of_another_key_under_our_key_id_is_refused() => RefusedAsync(Signed(with: RSA.Create(2048), keyId: Tokens.KeyId(key)));

    [Fact]
    public Task a_token_past_its_end_is_refused() => RefusedAsync(Signed(from: DateTime.UtcNow.AddHours(-2), until: DateTime.UtcNow.AddMinutes(-2)));

    [Fact]
    public Task a_token_of_tomorrow_is_refused() => RefusedAsync(Signed(from: DateTime.UtcNow.AddDays(1), until: DateTime.UtcNow.AddDays(2)));

    [Fact]
    public Task a_token_for_another_audience_is_refused() => RefusedAsync(Signed(audience: "another"));

    [Fact]
    public Task a_token_of_another_issuer_is_refused() => RefusedAsync(Signed(issuer: "another"));

    [Fact]
    public Task a_token_of_another_algorithm_is_refused() => RefusedAsync(Signed(algorithm: SecurityAlgorithms.RsaSha512));

    [Fact]
    public async Task a_token_without_a_signature_is_refused()
    {
        var payload = Signed().Split('.')[1];

        await RefusedAsync($"{Part("""{"alg":"none","typ":"JWT"}""")}.{payload}.");
        await RefusedAsync($"{Signed().Split('.')[0]}.{payload}.");
    }

    [Fact]
    public async Task a_token_signed_with_the_public_key_as_a_shared_secret_is_refused()
    {
        var signed = $"{Part($$"""{"alg":"HS256","typ":"JWT","kid":"{{Tokens.KeyId(key)}}"}""")}.{Signed().Split('.')[1]}";
        var secret = key.ExportSubjectPublicKeyInfo();

        await RefusedAsync($"{signed}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signed)))}");
    }

    [Fact]
    public async Task a_known_token_with_another_payload_is_refused()
    {
        var good = Signed(role: Roles.Finance);
        Assert.Equal(HttpStatusCode.OK, (await notes.Process.GetAsync("/api/notes", good)).Status);
        var parts = good.Split('.');

        var payload = Base64UrlEncoder.Decode(parts[1]).Replace(Roles.Finance, Roles.Admin, StringComparison.Ordinal);

        await RefusedAsync($"{parts[0]}.{Part(payload)}.{parts[2]}");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    public Task a_token_that_is_none_is_refused(string token) => RefusedAsync(token);

    private async Task RefusedAsync(string token)
    {
        var answer = await notes.Process.GetAsync("/api/notes", token);

        Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), (answer.Status, answer.Problem));
    }

    private string Signed(
        RSA? with = null, string? keyId = null, DateTime? from = null, DateTime? until = null, string audience = Tokens.Issuer, string issuer = Tokens.Issuer, string algorithm = SecurityAlgorithms.RsaSha256, string role = Roles.Buyer) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Subject = new ClaimsIdentity([new(ClaimNames.Subject, $"{Guid.CreateVersion7()}"), new(ClaimNames.Role, role)]),
            IssuedAt = from,
            NotBefore = from,
            Expires = until ?? DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(with ?? key) { KeyId = keyId ?? Tokens.KeyId(with ?? key) }, algorithm),
        });

    private static string Part(string json) => Base64UrlEncoder.Encode(json);

    private static RSA PrivateKey(TestIdentity identity)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(identity.PrivateKey), out _);
        return rsa;
    }
}
