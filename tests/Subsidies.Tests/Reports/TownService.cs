using System.Net;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>Tests that share one service of a town with a name, a SIRET and a bank account.</summary>
[CollectionDefinition(Name)]
public sealed class SharedTown : ICollectionFixture<TownService>
{
    public const string Name = "town";
}

/// <summary>The service of a town, as a process on its own database; each test opens its own programmes.</summary>
public sealed class TownService(TestPostgres postgres) : IAsyncLifetime
{
    public const string TownName = "Ville d'Ault-Élevée";
    public const string TownSiret = "21620041000019";

    private ServiceProcess? process;

    public ServiceProcess Process => process!;

    public string Finance { get; private set; } = "";

    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(ServiceDone.Debtor) { ["Town__Name"] = TownName, ["Town__Siret"] = TownSiret };

    public async ValueTask InitializeAsync()
    {
        process = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: Settings);
        Finance = process.Identity.Staff(Roles.Finance);
    }

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Task<Guid> OpenAsync(params (string Field, object? Value)[] fields) => ServiceDone.OpenProgrammeAsync(Process, fields);

    /// <summary>The grants of a programme, as they are listed.</summary>
    public Task<IReadOnlyList<JsonElement>> GrantsAsync(Guid programme) => GrantsAsync(Process, programme);

    /// <summary>The grants of a programme, as they are listed.</summary>
    public static async Task<IReadOnlyList<JsonElement>> GrantsAsync(ServiceProcess service, Guid programme) =>
        [.. (await service.GetAsync($"/api/subsidies/grants?programmeId={programme}&limit=200", service.Identity.Staff(Roles.Finance))).Body.GetProperty("items").EnumerateArray()];

    /// <summary>Due aid of one provider, ordered by two people and paid by the bank.</summary>
    public async Task<IReadOnlyList<JsonElement>> PaidAsync(Guid programme, params long[] netCents)
    {
        await ServiceDone.DeliverAsync(Process, programme, TestProvider.New(), netCents);
        await TownBank.PayAsync(Process, await ServiceDone.ApprovedRunAsync(Process, programme));
        return await GrantsAsync(programme);
    }

    /// <summary>The bytes of a file, and its headers.</summary>
    public static async Task<(byte[] Bytes, string Type, string FileName)> DownloadAsync(ServiceProcess service, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", token);
        using var response = await service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(), $"{response.Content.Headers.ContentType}", $"{response.Content.Headers.ContentDisposition?.FileName?.Trim('"')}");
    }

    /// <summary>A file opened as a French spreadsheet does: UTF-8 by its byte order mark, semicolons.</summary>
    public static async Task<IReadOnlyList<Dictionary<string, string>>> OpenInFrenchAsync(ServiceProcess service, string path, string token)
    {
        var (bytes, type, fileName) = await DownloadAsync(service, path, token);
        Assert.Equal("text/csv; charset=utf-8", type);
        Assert.EndsWith(".csv", fileName, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetPreamble(), bytes[..3]);
        return Rows(bytes, ';');
    }

    /// <summary>The records of a file by column; every one has all of them.</summary>
    public static IReadOnlyList<Dictionary<string, string>> Rows(byte[] bytes, char separator)
    {
        using var csv = CsvReader.Create(bytes, CsvReaderOptions.Default with { Separator = separator, MalformedData = CsvMalformedDataHandling.Throw, FieldCountMismatch = CsvFieldCountHandling.Throw });
        csv.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(Enumerable.Range(0, csv.Headers.Count).ToDictionary(i => csv.Headers[i], csv.GetString));
        }

        return rows;
    }
}
