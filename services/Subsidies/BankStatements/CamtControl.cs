using System.Globalization;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// What the bank says its statement adds up to. Totals of TxsSummry that are not those of its entries mean that it was
/// cut or altered on its way: it is refused. Balances are often those of a day and not of the statement: when opening
/// balance + booked entries is not the closing balance, a person is told, and the entries count all the same. A single
/// page of a longer statement cannot be checked.
/// </summary>
internal sealed class CamtControl
{
    private readonly CamtTotal all = new();
    private readonly CamtTotal credits = new();
    private readonly CamtTotal debits = new();
    private Int128 bookedIn;
    private long? opening;
    private long? previousClosing;
    private long? closing;
    private bool isOnePageOfMany;

    public void Add(long outCents, bool isBooked)
    {
        all.Add(outCents);
        (outCents > 0 ? debits : credits).Add(outCents);
        bookedIn -= isBooked ? outCents : 0;
    }

    public async Task PageAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            isOnePageOfMany |= name switch
            {
                "PgNb" => (await xml.TextAsync()).TrimStart('0') != "1",
                "LastPgInd" => await xml.TextAsync() is not ("true" or "1"),
                _ => false,
            };
        }
    }

    public async Task BalanceAsync(XmlCursor xml)
    {
        string? code = null;
        bool? isCredit = null;
        long? cents = null;
        var line = xml.Line;
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "Tp":
                    code = await CodeAsync(xml);
                    break;
                case "Amt":
                    cents = await xml.CentsAsync("Bal/Amt");
                    break;
                case "CdtDbtInd":
                    isCredit = await xml.IsCreditAsync("Bal/CdtDbtInd");
                    break;
            }
        }

        if (cents is null || isCredit is null)
        {
            throw new StatementFaultException(line, $"Bal gives no {(cents is null ? "Amt" : "CdtDbtInd")}.");
        }

        var signed = isCredit.Value ? cents : -cents;
        switch (code)
        {
            case "OPBD":
                opening = opening is null ? signed : throw new StatementFaultException(line, "The balance OPBD is given twice.");
                break;
            case "PRCD":
                previousClosing = signed;
                break;
            case "CLBD":
                closing = closing is null ? signed : throw new StatementFaultException(line, "The balance CLBD is given twice.");
                break;
        }
    }

    public async Task SummaryAsync(XmlCursor xml)
    {
        await foreach (var name in xml.ChildrenAsync())
        {
            var total = name switch { "TtlNtries" => all, "TtlCdtNtries" => credits, "TtlDbtNtries" => debits, _ => null };
            if (total is null)
            {
                continue;
            }

            await foreach (var inner in xml.ChildrenAsync())
            {
                if (inner == "NbOfNtries")
                {
                    total.ToldCount = await DecimalAsync(xml, $"{name}/NbOfNtries");
                }
                else if (inner == "Sum")
                {
                    total.ToldSum = await DecimalAsync(xml, $"{name}/Sum");
                }
            }
        }
    }

    /// <returns>What a person should know of the balances; null when they add up.</returns>
    public string? Check(int line, string id)
    {
        if (isOnePageOfMany)
        {
            return null;
        }

        all.Check(line, "TtlNtries");
        credits.Check(line, "TtlCdtNtries");
        debits.Check(line, "TtlDbtNtries");
        return (opening ?? previousClosing) is { } before && closing is { } after && before + bookedIn != after
            ? $"Line {line}: statement '{FieldText.Short(id)}' does not add up: opening balance {CamtTotal.Euros(before)} and booked entries {CamtTotal.Euros(bookedIn)} make {CamtTotal.Euros(before + bookedIn)}, not the closing balance {CamtTotal.Euros(after)}."
            : null;
    }

    private static async Task<string?> CodeAsync(XmlCursor xml)
    {
        string? code = null;
        await foreach (var choice in xml.ChildrenAsync())
        {
            if (choice == "CdOrPrtry")
            {
                await foreach (var name in xml.ChildrenAsync())
                {
                    code = name == "Cd" ? await xml.TextAsync() : code;
                }
            }
        }

        return code;
    }

    private static async Task<decimal> DecimalAsync(XmlCursor xml, string field)
    {
        var text = await xml.TextAsync();
        return text.Length <= 20 && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw xml.Fault($"{field} '{FieldText.Short(text)}' is not a number of at least 0.");
    }
}
