using System.Text.Json;
using Marketplace.Gateway.OpenIdConnect;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>The decisions themselves, over everything that they look at.</summary>
public sealed class AdmissionTests
{
    private static readonly bool[] Both = [false, true];

    [Fact]
    public void nobody_gets_into_an_account_that_is_closed_or_that_the_email_alone_speaks_for()
    {
        var decided = 0;
        foreach (var (who, linked, ofEmail, mapsRoles, needsTwo) in Everything())
        {
            var admission = Admissions.Of(who, linked, ofEmail, mapsRoles, needsTwo);
            var isIn = admission is Admission.SignIn or Admission.Code or Admission.Link;
            Assert.False(isIn && (linked ?? ofEmail) is null or { IsDisabled: true });
            Assert.False(admission == Admission.SignIn && linked is null);
            Assert.False(admission is Admission.Code or Admission.Link && linked is null && ofEmail is not { IsStaff: true, HasPassword: false });
            Assert.False(linked is null && ofEmail is { HasPassword: true } && admission is not (Admission.Password or Admission.NoAccess));
            Assert.False(admission is Admission.HireStaff or Admission.Register or Admission.Link && !who.IsEmailVerified);
            Assert.False(isIn && mapsRoles && (linked ?? ofEmail)!.IsStaff && who.Roles is not { Length: > 0 });
            Assert.False(admission == Admission.SignIn && linked is { HasTotp: true } && !who.IsMultiFactor);
            Assert.False(admission == Admission.HireStaff && needsTwo && !who.IsMultiFactor);
            decided++;
        }

        Assert.InRange(decided, 5_000, 1_000_000);
    }

    [Fact]
    public void roles_are_mapped_by_the_whole_value_and_unknown_values_give_none()
    {
        var settings = Settings(("Roles", "urn:ville=achats=buyer, direction=admin,direction=finance"));
        Assert.Equal(["buyer"], Read(settings, """{ "sub": "1", "roles": ["urn:ville=achats", "urn:ville"] }""")!.Roles!);
        Assert.Equal(["admin", "finance"], Read(settings, """{ "sub": "1", "roles": "direction" }""")!.Roles!);
        Assert.Empty(Read(settings, """{ "sub": "1", "roles": ["admin", 7, null, {}] }""")!.Roles!);
        Assert.Null(Read(settings, """{ "sub": "1" }""")!.Roles);
    }

    [Fact]
    public void roles_by_email_need_a_verified_one_and_roles_of_the_town_its_siret()
    {
        var byEmail = Settings(("Claims:Roles", "email"), ("Roles", "achats@ville.example=buyer"));
        Assert.Empty(Read(byEmail, """{ "sub": "1", "email": "achats@ville.example" }""")!.Roles!);
        Assert.Equal(["buyer"], Read(byEmail, """{ "sub": "1", "email": "achats@ville.example", "email_verified": true }""")!.Roles!);
        Assert.Equal(["buyer"], Read(byEmail with { TrustsEmail = true }, """{ "sub": "1", "email": "achats@ville.example" }""")!.Roles!);

        var town = Settings(("StaffSirets", "21620119500018"), ("Roles", "agent_public=buyer"));
        Assert.Empty(Read(town, """{ "sub": "1", "roles": ["agent_public"] }""")!.Roles!);
        Assert.Empty(Read(town, """{ "sub": "1", "roles": ["agent_public"], "siret": "35600000000048" }""")!.Roles!);
        Assert.Equal(["buyer"], Read(town with { StaffSirets = ["35600000000048"] }, """{ "sub": "1", "roles": ["agent_public"], "siret": "356 000 000 00048" }""")!.Roles!);
    }

    [Theory]
    [InlineData("""{ }""")]
    [InlineData("""{ "sub": "" }""")]
    [InlineData("""{ "sub": 7 }""")]
    [InlineData("""{ "sub": "a\u0000b" }""")]
    public void who_is_not_named_is_nobody(string claims) => Assert.Null(Read(Settings(), claims));

    [Fact]
    public void what_is_no_email_siret_or_name_is_left_out()
    {
        var who = Read(Settings(), """{ "sub": "1", "email": "no address", "email_verified": true, "siret": "123", "given_name": "Awa\u0007", "usual_name": "Diop", "family_name": "Old" }""")!;
        Assert.Equal((null, false, null, "Awa Diop"), (who.Email, who.IsEmailVerified, who.Siret, who.Name));
        Assert.True(Read(Settings(), """{ "sub": "1", "amr": ["pwd", "mfa"] }""")!.IsMultiFactor);
        Assert.False(Read(Settings(), """{ "sub": "1", "acr": "eidas1" }""")!.IsMultiFactor);
        Assert.True(Read(Settings(("MultiFactorAcr", "eidas1-mfa,eidas2")), """{ "sub": "1", "acr": "eidas2" }""")!.IsMultiFactor);
    }

    [Theory]
    [InlineData("Authority", "http://idp.example")]
    [InlineData("Authority", "idp.example")]
    [InlineData("ClientId", "")]
    [InlineData("ClientAuthentication", "private_key_jwt")]
    [InlineData("Scopes", "email")]
    [InlineData("Audience", "client")]
    [InlineData("ClaimsRequest", "[]")]
    [InlineData("ClaimsRequest", "{")]
    [InlineData("Roles", "direction=mayor")]
    [InlineData("Roles", "admin")]
    [InlineData("Roles", "=admin")]
    [InlineData("Roles", "x=business")]
    public void settings_that_cannot_work_stop_the_start(string name, string value) => Assert.Throws<InvalidOperationException>(() => Settings((name, value)));

    [Fact]
    public void without_an_authority_there_is_no_provider() => Assert.Null(OpenIdSettings.From(new ConfigurationBuilder().Build()));

    private static OpenIdSettings Settings(params (string Name, string Value)[] more)
    {
        var values = new Dictionary<string, string?> { ["OpenIdConnect:Authority"] = "https://idp.example/api/v2", ["OpenIdConnect:ClientId"] = "client" };
        foreach (var (name, value) in more)
        {
            values["OpenIdConnect:" + name] = value;
        }

        return OpenIdSettings.From(new ConfigurationBuilder().AddInMemoryCollection(values).Build())!;
    }

    private static ExternalIdentity? Read(OpenIdSettings settings, string claims) => ExternalIdentity.Read(settings, JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(claims)!);

    private static IEnumerable<(ExternalIdentity Who, KnownAccount? Linked, KnownAccount? OfEmail, bool MapsRoles, bool NeedsTwo)> Everything() =>
        from verified in Both
        from two in Both
        from siret in new[] { null, "35600000000048", "21620119500018" }
        from roles in new string[]?[] { null, [], ["buyer"] }
        from linked in Accounts()
        from ofEmail in linked is null ? Accounts() : [null]
        from mapsRoles in Both
        from needsTwo in Both
        select (new ExternalIdentity("https://idp.example", "1", "a@b.example", verified, null, siret, null, roles, two), linked, ofEmail, mapsRoles, needsTwo);

    private static IEnumerable<KnownAccount?> Accounts() =>
        (from staff in Both from password in Both from closed in Both from totp in Both from must in Both select new KnownAccount(staff, password, closed, totp, must && staff, staff ? null : "356000000")).Prepend(null);
}
