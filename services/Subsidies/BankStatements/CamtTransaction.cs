namespace Marketplace.Subsidies.BankStatements;

/// <summary>One transaction of an entry (TxDtls), or the batch that stands for transactions not given (Btch).</summary>
/// <param name="line">The line where it begins.</param>
internal sealed partial class CamtTransaction(int line)
{
    private string? debtorIban;
    private string? creditorIban;
    private string? remittance;
    private string? structured;
    private string? additional;
    private string? returnWords;
    private long? ownCents;
    private long? transactionCents;
    private long? instructedCents;

    public int Line => line;

    public long? Cents => ownCents ?? transactionCents ?? instructedCents;

    public bool? IsCredit { get; private set; }

    public string? EndToEndId { get; private set; }

    public string? BankReference { get; private set; }

    public string? PaymentInformationId { get; private set; }

    public int? BatchCount { get; private set; }

    public string? ReturnCode { get; private set; }

    public bool IsReturned { get; private set; }

    public string? ReturnReason { get; private set; }

    public string? Reference => remittance ?? structured ?? additional ?? returnWords;

    /// <summary>
    /// Who is on the other side: the debtor of an income, else the creditor, also for a return, which names the parties of
    /// the payment that it returns. Never our own account.
    /// </summary>
    public string? Counterparty(bool isIncome, string? own)
    {
        var (first, second) = isIncome ? (debtorIban, creditorIban) : (creditorIban, debtorIban);
        return first is not null && first != own ? first : second != own ? second : null;
    }

    /// <summary>The transactions of NtryDtls; where there are none, the batch.</summary>
    public static async IAsyncEnumerable<CamtTransaction> OfDetailsAsync(XmlCursor xml)
    {
        CamtTransaction? batch = null;
        var isDetailed = false;
        await foreach (var name in xml.ChildrenAsync())
        {
            var part = new CamtTransaction(xml.Line);
            switch (name)
            {
                case "Btch":
                    await part.BatchAsync(xml);
                    batch = part;
                    break;
                case "TxDtls":
                    isDetailed = true;
                    await part.TransactionAsync(xml);
                    part.BatchCount = batch?.BatchCount;
                    yield return part;
                    break;
                default:
                    throw xml.Unknown(name, "NtryDtls");
            }
        }

        if (batch is not null && !isDetailed)
        {
            yield return batch;
        }
    }
}
