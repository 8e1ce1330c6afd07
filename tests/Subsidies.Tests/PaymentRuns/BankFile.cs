using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.PaymentRuns;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>The file that goes to the bank, against every rule that can be had.</summary>
public sealed class BankFile
{
    private static readonly DateTime ApprovedAt = new(2026, 11, 22, 9, 30, 15, 123, DateTimeKind.Utc);

    internal static PaymentOrder Order(params (string Name, long Cents)[] transfers) => new(
        "PR-2026-000042", ApprovedAt, new DateOnly(2026, 11, 23), new Debtor("Ville d'Ault-Élevée & Cie", "FR1420041010050500013M02606", "PSSTFRPPLIL", "21620041000019"),
        transfers.Length, transfers.Sum(t => t.Cents), transfers.Select((t, i) => new Transfer(
            Guid.CreateVersion7(), RunNumbers.EndToEndId("PR-2026-000042", i + 1), Guid.CreateVersion7(), t.Name, TestProvider.RandomIban(), t.Cents, 1, TransferStatus.Ordered)).ToList().ToAsyncEnumerable());

    internal static byte[] Written(PaymentOrder order)
    {
        using var file = new MemoryStream();
        Assert.True(Pain001.WriteAsync(file, order, default).IsCompletedSuccessfully);
        return file.ToArray();
    }

    [Fact]
    public void a_file_keeps_the_schema_and_what_a_bank_checks_beyond_it()
    {
        var order = Order(("Artois Cyber", 1), ("Société « Œil » & Fils <SARL>", 123_456_78), (new string('É', 500), DueAid.MostCents), ("///", 100), ("-", 5));

        Assert.Empty(BankRules.Broken(Written(order)));
        Assert.Empty(BankRules.Broken(Written(order with { Debtor = order.Debtor with { Bic = null, Siret = null } })));
        var text = Encoding.UTF8.GetString(Written(order));
        Assert.Contains("<CtrlSum>1000123457.83</CtrlSum>", text, StringComparison.Ordinal);
        Assert.Contains("<InstdAmt Ccy=\"EUR\">0.01</InstdAmt>", text, StringComparison.Ordinal);
        Assert.Contains("<CreDtTm>2026-11-22T09:30:15Z</CreDtTm>", text, StringComparison.Ordinal);
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void any_names_and_amounts_make_a_file_that_a_bank_takes() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(50),
        Prop.ForAll<(NonNull<string> Name, PositiveInt Cents)[]>(transfers =>
            transfers.Length == 0 || BankRules.Broken(Written(Order([.. transfers.Select(t => (t.Name.Get, (long)t.Cents.Get))]))).Count == 0));

    [Fact]
    public void the_same_order_gives_the_same_bytes()
    {
        var order = Order(("Artois Cyber", 1_00), ("Lys Réseaux", 2_00));
        Assert.Equal(Written(order), Written(order));
    }

    [Theory]
    [InlineData("<PmtMtd>TRF</PmtMtd>", "")]
    [InlineData("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SHAR</ChrgBr>")]
    [InlineData("<CtrlSum>3.00</CtrlSum>", "<CtrlSum>3.01</CtrlSum>")]
    [InlineData("<CtrlSum>3.00</CtrlSum>", "<CtrlSum>3.000</CtrlSum>")]
    [InlineData("<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>3</NbOfTxs>")]
    [InlineData("<Nm>Artois Cyber</Nm>", "<Nm>Artois Cybér</Nm>")]
    [InlineData("<Nm>Artois Cyber</Nm>", "<Nm>Artois//Cyber</Nm>")]
    [InlineData("<Nm>Artois Cyber</Nm>", "<Nm/>")]
    [InlineData("PR-2026-000042-000002", "PR-2026-000042-000001")]
    [InlineData("FR1420041010050500013M02606", "FR1520041010050500013M02606")]
    [InlineData("<Ref>RF", "<Ref>RX")]
    [InlineData("Ccy=\"EUR\"", "Ccy=\"USD\"")]
    public void the_rules_notice_a_broken_file(string right, string wrong)
    {
        var text = Encoding.UTF8.GetString(Written(Order(("Artois Cyber", 1_00), ("Lys", 2_00))));
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.NotEmpty(BankRules.Broken(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))));
    }
}
