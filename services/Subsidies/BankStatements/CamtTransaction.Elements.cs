namespace Marketplace.Subsidies.BankStatements;

/// <content>The elements of Btch and TxDtls, one by one.</content>
internal sealed partial class CamtTransaction
{
    private async Task BatchAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "PmtInfId":
                    PaymentInformationId = FieldText.Id(xml.Line, "Btch/PmtInfId", await xml.TextAsync());
                    break;
                case "NbOfTxs":
                    BatchCount = await xml.CountAsync("Btch/NbOfTxs");
                    break;
                case "TtlAmt":
                    ownCents = await xml.CentsAsync("Btch/TtlAmt");
                    break;
                case "CdtDbtInd":
                    IsCredit = await xml.IsCreditAsync("Btch/CdtDbtInd");
                    break;
            }
        }
    }

    private async Task TransactionAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "Refs":
                    await ReferencesAsync(xml);
                    break;
                case "Amt":
                    ownCents = await xml.CentsAsync("TxDtls/Amt");
                    break;
                case "CdtDbtInd":
                    IsCredit = await xml.IsCreditAsync("TxDtls/CdtDbtInd");
                    break;
                case "AmtDtls":
                    await AmountsAsync(xml);
                    break;
                case "BkTxCd":
                    ReturnCode = await xml.SubFamilyAsync();
                    break;
                case "RltdPties":
                    await PartiesAsync(xml);
                    break;
                case "RmtInf":
                    await RemittanceAsync(xml);
                    break;
                case "RtrInf":
                    await ReturnAsync(xml);
                    break;
                case "AddtlTxInf":
                    additional = await xml.TextAsync();
                    break;
            }
        }
    }

    private async Task ReferencesAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "EndToEndId":
                    EndToEndId = FieldText.Id(xml.Line, "Refs/EndToEndId", await xml.TextAsync());
                    break;
                case "AcctSvcrRef":
                    BankReference = FieldText.Id(xml.Line, "Refs/AcctSvcrRef", await xml.TextAsync());
                    break;
                case "PmtInfId":
                    PaymentInformationId = FieldText.Id(xml.Line, "Refs/PmtInfId", await xml.TextAsync());
                    break;
            }
        }
    }

    /// <summary>The amount of the transaction, else the one instructed; a foreign one is the bank's information on a transaction it booked in euros.</summary>
    private async Task AmountsAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name is not ("TxAmt" or "InstdAmt"))
            {
                continue;
            }

            await foreach (var inner in xml.ChildrenAsync())
            {
                if (inner == "Amt" && name == "TxAmt")
                {
                    transactionCents = await xml.CentsAsync("TxAmt/Amt");
                }
                else if (inner == "Amt" && xml.Attribute("Ccy") == "EUR")
                {
                    instructedCents = await xml.CentsAsync("InstdAmt/Amt");
                }
            }
        }
    }

    private async Task PartiesAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name == "DbtrAcct")
            {
                debtorIban = FieldText.AccountNumber(xml.Line, "DbtrAcct/Id/IBAN", await xml.OnlyAsync("Id", "IBAN"));
            }
            else if (name == "CdtrAcct")
            {
                creditorIban = FieldText.AccountNumber(xml.Line, "CdtrAcct/Id/IBAN", await xml.OnlyAsync("Id", "IBAN"));
            }
        }
    }

    private async Task RemittanceAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name == "Ustrd")
            {
                remittance = FieldText.Reference($"{remittance} {await xml.TextAsync()}");
            }
            else if (name == "Strd")
            {
                structured = await xml.OnlyAsync("CdtrRefInf", "Ref") ?? structured;
            }
        }
    }

    private async Task ReturnAsync(XmlCursor xml)
    {
        IsReturned = true;
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name == "Rsn")
            {
                await foreach (var code in xml.ChildrenAsync())
                {
                    ReturnReason = FieldText.Id(xml.Line, "RtrInf/Rsn", await xml.TextAsync());
                }
            }
            else if (name == "AddtlInf")
            {
                returnWords = FieldText.Reference($"{returnWords} {await xml.TextAsync()}");
            }
        }
    }
}
