namespace Marketplace.Subsidies.BankStatements;

/// <summary>One statement (Stmt): whose account, the entries, and that they add up as the bank says they do.</summary>
internal sealed class CamtStatement(XmlCursor xml, CamtIds ids, FileFacts found)
{
    private readonly CamtControl control = new();
    private string? id;

    public string Id => id!;

    public async IAsyncEnumerable<Movement> ReadAsync()
    {
        var line = xml.Line;
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "Id":
                    id = FieldText.Id(xml.Line, "Stmt/Id", await xml.TextAsync()) ?? throw xml.Fault("Stmt/Id is empty.");
                    ids.Once(xml.Line, "Stmt/Id", id);
                    break;
                case "Acct":
                    await AccountAsync();
                    break;
                case "StmtPgntn":
                    await control.PageAsync(xml);
                    break;
                case "Bal":
                    await control.BalanceAsync(xml);
                    break;
                case "TxsSummry":
                    await control.SummaryAsync(xml);
                    break;
                case "Ntry":
                    var entry = new CamtEntry(xml, ids, found);
                    await foreach (var movement in entry.ReadAsync())
                    {
                        yield return movement;
                    }

                    control.Add(entry.OutCents, entry.IsBooked);
                    break;
                case "ElctrncSeqNb" or "RptgSeq" or "LglSeqNb" or "CreDtTm" or "FrToDt" or "CpyDplctInd" or "RptgSrc" or "RltdAcct" or "Intrst" or "AddtlStmtInf":
                    break;
                default:
                    throw xml.Unknown(name, "Stmt");
            }
        }

        if (id is null)
        {
            throw new StatementFaultException(line, "Stmt/Id is missing.");
        }

        if (control.Check(xml.Line, id) is { } warning)
        {
            found.Warnings.Add(warning);
        }
    }

    private async Task AccountAsync()
    {
        string? iban = null;
        var line = xml.Line;
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name == "Id")
            {
                await foreach (var inner in xml.ChildrenAsync())
                {
                    iban = inner == "IBAN" ? FieldText.AccountNumber(xml.Line, "Acct/Id/IBAN", await xml.TextAsync()) : iban;
                }
            }
            else if (name == "Ccy")
            {
                FieldText.Euro(xml.Line, "Acct/Ccy", await xml.TextAsync());
            }
        }

        if (found.StatementIds.Count > 0 && iban != found.AccountIban)
        {
            throw new StatementFaultException(line, $"Acct '{iban}' is another account than '{found.AccountIban}' before it: send the statements of one account per file.");
        }

        found.AccountIban = iban;
    }
}
