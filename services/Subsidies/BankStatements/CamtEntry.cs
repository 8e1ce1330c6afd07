namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// One entry (Ntry) of a statement: one movement, or one for each of its transactions where it has several. CdtDbtInd is
/// the direction in which the money went, also for reversals (ISO 20022: a credit with RvslInd takes back a debit).
/// </summary>
internal sealed class CamtEntry(XmlCursor xml, CamtIds ids, FileFacts found)
{
    private readonly int line = xml.Line;
    private readonly HashSet<string> given = [];
    private long? cents;
    private bool? isCredit;
    private string? status;
    private DateOnly? bookedOn;
    private string? bankReference;
    private string? additional;
    private string? returnCode;
    private bool isReversal;

    private CamtTransaction? undivided;
    private int parts;
    private Int128 partsOut;

    /// <summary>Signed: &gt; 0 went out.</summary>
    public long OutCents { get; private set; }

    public bool IsBooked { get; private set; }

    public async IAsyncEnumerable<Movement> ReadAsync()
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name != "NtryDtls")
            {
                await FieldAsync(name);
                continue;
            }

            CloseHead();
            await foreach (var part in CamtTransaction.OfDetailsAsync(xml))
            {
                if (IsBooked && Divide(part) is { } movement)
                {
                    yield return movement;
                }
            }
        }

        CloseHead();
        found.PendingIgnored += IsBooked ? 0 : 1;
        if (IsBooked && Rest() is { } rest)
        {
            yield return rest;
        }
    }

    private async Task FieldAsync(string name)
    {
        if (name is "Amt" or "CdtDbtInd" or "RvslInd" or "Sts" or "BookgDt" or "AcctSvcrRef" or "BkTxCd"
            && !given.Add(name))
        {
            throw xml.Fault($"Ntry/{name} is given twice.");
        }

        switch (name)
        {
            case "Amt":
                cents = await xml.CentsAsync("Ntry/Amt");
                break;
            case "CdtDbtInd":
                isCredit = await xml.IsCreditAsync("Ntry/CdtDbtInd");
                break;
            case "RvslInd":
                isReversal = await xml.TextAsync() is "true" or "1";
                break;
            case "Sts":
                status = await xml.StatusAsync();
                break;
            case "BookgDt":
                bookedOn = await xml.DateAsync("Ntry/BookgDt");
                break;
            case "AcctSvcrRef":
                bankReference = FieldText.Id(xml.Line, "Ntry/AcctSvcrRef", await xml.TextAsync());
                break;
            case "BkTxCd":
                returnCode = await xml.SubFamilyAsync();
                break;
            case "AddtlNtryInf":
                additional = await xml.TextAsync();
                break;
            case "NtryRef" or "ValDt" or "Avlbty" or "ComssnWvrInd" or "AddtlInfInd" or "AmtDtls" or "Chrgs" or "TechInptChanl" or "Intrst" or "CardTx":
                break;
            default:
                throw xml.Unknown(name, "Ntry");
        }
    }

    /// <summary>What the transactions need to know of their entry; the schema puts it all before them.</summary>
    private void CloseHead()
    {
        if (IsBooked)
        {
            return;
        }

        var missing = cents is null ? "Amt" : isCredit is null ? "CdtDbtInd" : status is null ? "Sts" : null;
        IsBooked = status == "BOOK";
        missing ??= IsBooked && bookedOn is null ? "BookgDt" : null;
        if (missing is not null)
        {
            throw new StatementFaultException(line, $"Ntry/{missing} is missing{(missing == "BookgDt" ? " of a booked entry" : "")}, or comes after NtryDtls.");
        }

        OutCents = isCredit!.Value ? -cents!.Value : cents!.Value;
        if (IsBooked && bankReference is not null)
        {
            ids.Once(line, "Ntry/AcctSvcrRef", bankReference);
        }
    }

    private Movement? Divide(CamtTransaction part)
    {
        if (undivided is not null || (parts > 0 && part.Cents is null))
        {
            throw new StatementFaultException(part.Line, "The entry has several transactions, but not all of them give their amount.");
        }

        parts++;
        if (part.Cents is not { } own)
        {
            undivided = part;
            return null;
        }

        var outCents = part.IsCredit ?? isCredit!.Value ? -own : own;
        partsOut += outCents;
        return Movement(part, outCents);
    }

    private Movement? Rest()
    {
        if (undivided is null && parts > 0)
        {
            return partsOut == OutCents ? null : throw new StatementFaultException(line, $"The transactions of the entry add up to {(decimal)partsOut / 100:0.00} EUR paid out, but its amount is {OutCents / 100m:0.00}.");
        }

        return Movement(undivided ?? new CamtTransaction(line), OutCents);
    }

    private Movement? Movement(CamtTransaction part, long outCents)
    {
        if (outCents == 0)
        {
            return null;
        }

        var isReturn = outCents < 0 && (isReversal || part.IsReturned || (part.ReturnCode ?? returnCode) is "RRTN" or "RPCR");
        var batch = part.EndToEndId is null ? part.PaymentInformationId : null;
        return new Movement(
            part.Line,
            bookedOn!.Value,
            outCents,
            part.EndToEndId,
            part.Counterparty(isIncome: outCents < 0 && !isReturn, found.AccountIban),
            FieldText.Reference(part.Reference ?? additional),
            bankReference ?? part.BankReference,
            isReturn,
            part.ReturnReason,
            batch,
            batch is null ? null : part.BatchCount,
            Occurrence: 0);
    }
}
