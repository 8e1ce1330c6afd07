using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Marketplace.Events.Accreditation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>A provider of the tests with a valid SIRET and account.</summary>
public sealed record TestProvider(TestOrganisation Organisation, string? Iban)
{
    public Guid Id => Organisation.Id;

    public static TestProvider New(string name = "Artois Cyber", bool withIban = true) => new(TestOrganisation.New(name: name), withIban ? RandomIban() : null);

    /// <summary>A random French IBAN with right check digits.</summary>
    public static string RandomIban()
    {
        var account = RandomNumberGenerator.GetString("0123456789", 23);
        var check = 98 - (int)(BigInteger.Parse(account + "152700") % 97);
        return $"FR{check:00}{account}";
    }

    /// <summary>What the accreditation service tells of it.</summary>
    public AccreditationStatusChanged Accredited(int version = 1, DateTime? at = null) => new(
        Guid.CreateVersion7(), "ACC-2026-000001", Id, Organisation.Name, Organisation.Siret, ["antivirus"], ["62"], "active",
        at ?? DateTime.UtcNow, DateTime.UtcNow.AddYears(3), null, at ?? DateTime.UtcNow, version, Iban);
}

/// <summary>Aid that is due: facts of the other services up to the accepted delivery, told to a running service.</summary>
public static class ServiceDone
{
    /// <summary>
    /// Tells the service of the provider, and of one pool of it in which each business is delivered for
    /// <paramref name="netCents"/>; with the programmes' usual 50 %, half of it is due.
    /// </summary>
    public static async Task<IReadOnlyList<CommitmentPlaced>> DeliverAsync(ServiceProcess service, Guid programme, TestProvider provider, params long[] netCents)
    {
        await TellAsync(service, provider.Accredited());
        var pool = Guid.CreateVersion7();
        var placed = netCents.Select(net => (Placed: Facts.Placed(pool, net, [programme]), Net: net)).ToArray();
        foreach (var (fact, _) in placed)
        {
            await TellAsync(service, fact);
        }

        await TellAsync(service, Facts.Confirmed(pool, 1, placed)[0] with { ProviderId = provider.Id, ProviderName = provider.Organisation.Name });
        foreach (var (fact, net) in placed)
        {
            await TellAsync(service, Facts.Paid(fact, provider.Id));
            await TellAsync(service, Facts.Accepted(fact, net, providerId: provider.Id));
        }

        return [.. placed.Select(p => p.Placed)];
    }

    /// <summary>Opens a programme with the usual 50 %.</summary>
    public static async Task<Guid> OpenProgrammeAsync(ServiceProcess service, params (string Field, object? Value)[] fields)
    {
        var answer = await service.PostAsync("/api/subsidies/programmes", SubsidiesService.Programme(fields), service.Identity.Staff(Roles.Finance));
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Body.GetProperty("id").GetGuid();
    }

    /// <summary>Asks for a payment run, today, with a key of its own unless one is given.</summary>
    public static Task<HttpAnswer> PrepareAsync(ServiceProcess service, Guid programme, string finance, string? key = null) =>
        service.PostAsync("/api/subsidies/payment-runs", new { programmeId = programme, executionDate = Today }, finance, key ?? Guid.NewGuid().ToString());

    /// <summary>A run that one person prepared and another approved; the service needs a debtor (<see cref="Debtor"/>).</summary>
    public static async Task<JsonElement> ApprovedRunAsync(ServiceProcess service, Guid programme)
    {
        var prepared = await PrepareAsync(service, programme, service.Identity.Staff(Roles.Finance));
        Assert.Equal(HttpStatusCode.Created, prepared.Status);
        var approved = await service.PostAsync($"/api/subsidies/payment-runs/{prepared.Body.GetProperty("id").GetGuid()}/approve", null, service.Identity.Staff(Roles.Finance));
        Assert.Equal(HttpStatusCode.OK, approved.Status);
        return approved.Body;
    }

    /// <summary>Today in Europe/Paris, by the system's clock.</summary>
    public static DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTime.UtcNow, "Europe/Paris"));

    /// <summary>Settings of a service that pays: the town's account.</summary>
    public static IReadOnlyDictionary<string, string> Debtor { get; } = new Dictionary<string, string>
    {
        ["Payments__Debtor__Name"] = "Ville d'Ault-Élevée & Cie",
        ["Payments__Debtor__Iban"] = "FR14 2004 1010 0505 0001 3M02 606",
        ["Payments__Debtor__Bic"] = "PSSTFRPPLIL",
        ["Town__Siret"] = "21620041000019",
    };

    /// <summary>The whole ledger of the service verifies.</summary>
    public static async Task AssertVerifiedAsync(ServiceProcess service)
    {
        var verification = (await service.GetAsync("/api/subsidies/ledger/verification", service.Identity.Staff(Roles.Finance))).Body;
        Assert.True(verification.GetProperty("balanced").GetBoolean() && verification.GetProperty("chainIntact").GetBoolean(), verification.ToString());
    }

    private static async Task TellAsync(ServiceProcess service, object fact) =>
        Assert.Equal(HttpStatusCode.OK, await service.DeliverAsync(fact, bulk: fact is CommitmentPlaced or CommitmentPaid or DeliveryAccepted));
}

/// <summary>Tests that share one running service that has an account to pay from.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPayingService : ICollectionFixture<PayingService>
{
    public const string Name = "paying subsidies";
}

/// <summary>The service with the town's account; each test opens its own programmes.</summary>
public sealed class PayingService(TestPostgres postgres) : IAsyncLifetime
{
    private ServiceProcess? process;

    public ServiceProcess Process => process!;

    public string Finance { get; private set; } = "";

    public string OtherFinance { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        process = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: ServiceDone.Debtor);
        Finance = process.Identity.Staff(Roles.Finance);
        OtherFinance = process.Identity.Staff(Roles.Finance);
    }

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A run through the API.</summary>
    public async Task<JsonElement> RunAsync(string id) => (await Process.GetAsync($"/api/subsidies/payment-runs/{id}", Finance)).Body;
}
