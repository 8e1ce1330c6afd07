using System.Net;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>A service that was not told which town it serves.</summary>
[Collection(SharedService.Name)]
public sealed class NamelessAuthority(SubsidiesService subsidies)
{
    [Fact]
    public async Task without_the_siret_of_a_granting_authority_no_open_data_is_made()
    {
        await ServiceDone.DeliverAsync(subsidies.Process, await subsidies.OpenAsync(), TestProvider.New(), 100_00);
        foreach (var format in new[] { "json", "csv" })
        {
            var answer = await subsidies.Process.GetAsync($"/api/subsidies/reports/open-data?year={ServiceDone.Today.Year}&format={format}", subsidies.Finance);
            Assert.Equal((HttpStatusCode.Conflict, "granting-authority-unknown"), (answer.Status, answer.Problem));
            Assert.NotEmpty(answer.Body.GetProperty("programmes").EnumerateArray());
        }

        Assert.Equal(HttpStatusCode.OK, (await subsidies.Process.GetAsync($"/api/subsidies/reports/aid-return?year={ServiceDone.Today.Year}", subsidies.Finance)).Status);
    }
}
