using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Marketplace.Platform.Requests;
using Marketplace.Subsidies.PaymentRuns;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>
/// npm's <c>sepa</c> writes the same order with the same elements, order and values. It knows no SIRET and no structured
/// references, and makes ids of its own; the rest has to agree.
/// </summary>
public sealed class OtherWriter
{
    private static readonly NodeFolder Node = new("PaymentRuns", "node");
    private static readonly string[] OursOnly = ["GrpHdr/CreDtTm", "InitgPty/Id/", "/RmtInf/", "PmtInf/PmtInfId", "PmtId/InstrId"];

    [Fact]
    public async Task another_writer_makes_the_same_file()
    {
        var order = BankFile.Order(("Artois Cyber", 1), ("Lys Reseaux (SARL)", 123_456_78), ("D'Ault + Fils", 99_99));
        var input = Path.GetTempFileName();
        await File.WriteAllTextAsync(input, JsonSerializer.Serialize(
            new
            {
                order.Number,
                createdAt = order.ApprovedAt,
                order.ExecutionDate,
                debtorName = SepaText.From(order.Debtor.Name, 70),
                debtorIban = order.Debtor.Iban,
                debtorBic = order.Debtor.Bic,
                transfers = await order.Transfers.Select(t => new { t.EndToEndId, euros = (t.AmountCents / 100m).ToString("0.00", CultureInfo.InvariantCulture), name = t.ProviderName, t.Iban }).ToListAsync(),
            },
            Json.Options));

        var theirs = await Node.RunAsync("pain.mjs", input);
        File.Delete(input);

        var ours = Leaves(Encoding.UTF8.GetString(BankFile.Written(order)));
        Assert.Equal(Leaves(theirs), ours);
        Assert.True(ours.Count > 25, string.Join('\n', ours));
    }

    private static List<string> Leaves(string xml) =>
    [
        .. from element in XDocument.Parse(xml).Descendants()
           where !element.HasElements
           let path = string.Join('/', element.AncestorsAndSelf().Reverse().Select(e => e.Name.LocalName))
           where !OursOnly.Any(path.Contains)
           select $"{element.Name.NamespaceName} {path} {element.Attribute("Ccy")?.Value} {element.Value}",
    ];
}
