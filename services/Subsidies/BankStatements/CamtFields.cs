using System.Globalization;
using System.Text.RegularExpressions;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>The kinds of values that camt.053 has in several places, read where the cursor stands.</summary>
internal static partial class CamtFields
{
    /// <summary>Amt with its currency attribute.</summary>
    public static async ValueTask<long> CentsAsync(this XmlCursor xml, string field)
    {
        var line = xml.Line;
        FieldText.Euro(line, $"{field}/@Ccy", xml.Attribute("Ccy"));
        return FieldText.Cents(line, field, await xml.TextAsync());
    }

    /// <summary>CdtDbtInd.</summary>
    public static async ValueTask<bool> IsCreditAsync(this XmlCursor xml, string field) => await xml.TextAsync() switch
    {
        "CRDT" => true,
        "DBIT" => false,
        var other => throw xml.Fault($"{field} '{FieldText.Short(other)}' is neither CRDT nor DBIT."),
    };

    /// <summary>A choice of Dt and DtTm: the day as the bank writes it, which is the day of its own clock.</summary>
    public static async ValueTask<DateOnly> DateAsync(this XmlCursor xml, string field)
    {
        DateOnly? date = null;
        await foreach (var name in xml.ChildrenAsync())
        {
            var text = await xml.TextAsync();
            var written = (name == "DtTm" ? DateAndTime() : Date()).Match(text);
            if (name is not ("Dt" or "DtTm") || date is not null || !written.Success)
            {
                throw xml.Fault($"{field}/{FieldText.Short(name)} '{FieldText.Short(text)}' is not a date.");
            }

            date = FieldText.Date(xml.Line, $"{field}/{name}", written.Groups[1].Value);
        }

        return date ?? throw xml.Fault($"{field} is empty.");
    }

    /// <summary>Sts: a text in version 2, Sts/Cd since; always one of ISO 20022's codes here, never a bank's own.</summary>
    public static async ValueTask<string> StatusAsync(this XmlCursor xml)
    {
        string? status = null;
        if (xml.Namespace!.EndsWith(".001.02", StringComparison.Ordinal))
        {
            status = await xml.TextAsync();
        }
        else
        {
            await foreach (var name in xml.ChildrenAsync())
            {
                status = name == "Cd" && status is null ? await xml.TextAsync() : $"{name} {await xml.TextAsync()}";
            }
        }

        return status is "BOOK" or "PDNG" or "INFO" or "FUTR" ? status : throw xml.Fault($"Ntry/Sts '{FieldText.Short(status ?? "")}' is none of BOOK, PDNG, INFO, FUTR.");
    }

    /// <summary>BkTxCd/Domn/Fmly/SubFmlyCd of a payment; null for other domains and banks' own codes.</summary>
    public static async ValueTask<string?> SubFamilyAsync(this XmlCursor xml)
    {
        string? domain = null, code = null;
        await foreach (var choice in xml.ChildrenAsync())
        {
            if (choice != "Domn")
            {
                continue;
            }

            await foreach (var name in xml.ChildrenAsync())
            {
                if (name == "Cd")
                {
                    domain = await xml.TextAsync();
                }
                else if (name == "Fmly")
                {
                    code = await xml.OnlyAsync("SubFmlyCd") ?? code;
                }
            }
        }

        return domain == "PMNT" ? code : null;
    }

    /// <summary>The text at a path below the current element; the last one where there are several, null where there is none.</summary>
    public static async ValueTask<string?> OnlyAsync(this XmlCursor xml, params string[] path)
    {
        string? text = null;
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name == path[0])
            {
                text = (path.Length == 1 ? await xml.TextAsync() : await xml.OnlyAsync(path[1..])) ?? text;
            }
        }

        return text;
    }

    /// <summary>A count of at most 15 digits.</summary>
    public static async ValueTask<int> CountAsync(this XmlCursor xml, string field)
    {
        var text = await xml.TextAsync();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw xml.Fault($"{field} '{FieldText.Short(text)}' is not a whole number of at most {int.MaxValue}.");
    }

    [GeneratedRegex(@"^(-?[0-9]{4,9}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?\z")]
    private static partial Regex Date();

    [GeneratedRegex(@"^(-?[0-9]{4,9}-[0-9]{2}-[0-9]{2})T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,12})?(?:Z|[+-][0-9]{2}:[0-9]{2})?\z")]
    private static partial Regex DateAndTime();
}
