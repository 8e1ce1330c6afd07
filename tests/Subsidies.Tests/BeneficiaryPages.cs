using System.Net;
using Marketplace.Subsidies.Beneficiaries;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>What a business declares, and what de minimis aid would still fit.</summary>
[Collection(SharedService.Name)]
public sealed class BeneficiaryPages(SubsidiesService subsidies)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UtcNow);

    [Fact]
    public async Task a_business_replaces_what_it_declared()
    {
        var business = TestOrganisation.New();
        var other = TestOrganisation.New().Siren;
        var token = subsidies.Process.Identity.Business(business);
        var page = $"/api/subsidies/beneficiaries/{business.Siren}";
        var empty = await subsidies.Process.GetAsync(page, token);
        Assert.Equal((HttpStatusCode.OK, 0, 300_000_00), (empty.Status, empty.Body.GetProperty("version").GetInt32(), Available(empty)));

        var put = await PutAsync(page, token, new
        {
            linkedSirens = new[] { $"{other[..3]} {other[3..6]} {other[6..]}", other },
            declaredAid = new[]
            {
                new { grantedOn = Today.AddYears(-3), amountCents = 100_00, source = "Région", deMinimis = true },
                new { grantedOn = Today.AddYears(-3).AddDays(-1), amountCents = 10_000_00, source = "Trop ancienne", deMinimis = true },
                new { grantedOn = Today, amountCents = 50_000_00, source = "Pas de minimis", deMinimis = false },
            },
        });
        Assert.Equal((HttpStatusCode.OK, 299_900_00), (put.Status, Available(put)));
        Assert.Equal([other], put.Body.GetProperty("linkedSirens").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal(3, (await subsidies.Process.GetAsync(page, token)).Body.GetProperty("declaredAid").GetArrayLength());
        Assert.Equal(299_900_00, Available(await subsidies.Process.GetAsync($"/api/subsidies/beneficiaries/{other}", subsidies.Finance)));

        var replaced = await PutAsync(page, subsidies.Finance, new { linkedSirens = Array.Empty<string>(), declaredAid = Array.Empty<object>() });
        Assert.Equal((300_000_00, 2), (Available(replaced), replaced.Body.GetProperty("version").GetInt32()));

        static long Available(HttpAnswer answer) => answer.Body.GetProperty("deMinimis").GetProperty("availableCents").GetInt64();
    }

    [Fact]
    public async Task a_stale_version_is_refused()
    {
        var page = $"/api/subsidies/beneficiaries/{TestOrganisation.New().Siren}";
        await PutAsync(page, subsidies.Finance, new { });

        var stale = await subsidies.Process.SendAsync(HttpMethod.Put, page, new { }, subsidies.Finance, ifMatch: "\"0\"");
        var fresh = await subsidies.Process.SendAsync(HttpMethod.Put, page, new { }, subsidies.Finance, ifMatch: "\"1\"");

        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.OK), (stale.Status, fresh.Status));
        Assert.Equal(2, fresh.Body.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task nobody_sees_or_writes_the_page_of_another()
    {
        var (business, other) = (TestOrganisation.New(), TestOrganisation.New());
        var page = $"/api/subsidies/beneficiaries/{other.Siren}";
        foreach (var (token, expected) in new[]
        {
            (subsidies.Process.Identity.Business(business), HttpStatusCode.NotFound),
            (subsidies.Process.Identity.Provider(other), HttpStatusCode.Forbidden),
            (subsidies.Process.Identity.Staff("buyer"), HttpStatusCode.Forbidden),
            (null, HttpStatusCode.Unauthorized),
        })
        {
            Assert.Equal(expected, (await subsidies.Process.GetAsync(page, token)).Status);
            Assert.Equal(expected, (await PutAsync(page, token, new { linkedSirens = new[] { business.Siren } })).Status);
        }

        Assert.Equal(0, (await subsidies.Process.GetAsync(page, subsidies.Finance)).Body.GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("{\"linkedSirens\":[\"123456789\"]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":[\"\"]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":[null]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":[\"35600000\\u0000\"]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":[356000000]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":[\"SELF\"]}", "linkedSirens[0]")]
    [InlineData("{\"linkedSirens\":\"356000000\"}", "linkedSirens")]
    [InlineData("{\"declaredAid\":[null]}", "declaredAid[0]")]
    [InlineData("{\"declaredAid\":[{\"amountCents\":1,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].grantedOn")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-02-30\",\"amountCents\":1,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].grantedOn")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2199-01-01\",\"amountCents\":1,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].grantedOn")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].amountCents")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":0,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].amountCents")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":-5,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].amountCents")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":99999999999999999999,\"source\":\"x\",\"deMinimis\":true}]}", "declaredAid[0].amountCents")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":1,\"deMinimis\":true}]}", "declaredAid[0].source")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":1,\"source\":\"LONG\",\"deMinimis\":true}]}", "declaredAid[0].source")]
    [InlineData("{\"declaredAid\":[{\"grantedOn\":\"2025-01-01\",\"amountCents\":1,\"source\":\"x\"}]}", "declaredAid[0].deMinimis")]
    [InlineData("null", "")]
    public async Task a_bad_declaration_is_refused_by_field_and_changes_nothing(string json, string field)
    {
        var business = TestOrganisation.New();
        var page = $"/api/subsidies/beneficiaries/{business.Siren}";
        var token = subsidies.Process.Identity.Business(business);

        var answer = await PutAsync(page, token, json.Replace("SELF", business.Siren, StringComparison.Ordinal).Replace("LONG", new string('x', 201), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
        Assert.Equal(0, (await subsidies.Process.GetAsync(page, token)).Body.GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("123456789")]
    [InlineData("35600000")]
    [InlineData("abcdefghi")]
    [InlineData("35600000018723")]
    public async Task a_number_that_is_no_siren_is_not_found(string siren) =>
        Assert.Equal(HttpStatusCode.NotFound, (await subsidies.Process.GetAsync($"/api/subsidies/beneficiaries/{siren}", subsidies.Finance)).Status);

    [Theory]
    [InlineData("356000000", "356000000")]
    [InlineData("356 000 000", "356000000")]
    [InlineData("732829320", "732829320")]
    [InlineData("732829321", null)]
    [InlineData("٣٥٦٠٠٠٠٠٠", null)]
    [InlineData(null, null)]
    public void sirens_are_checked_by_luhn_and_stored_without_spaces(string? text, string? expected) => Assert.Equal(expected, Siren.Parse(text));

    private Task<HttpAnswer> PutAsync(string page, string? token, object body) => subsidies.Process.SendAsync(HttpMethod.Put, page, body, token);
}
