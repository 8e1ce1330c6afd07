using System.Text;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Names as every bank of the SEPA area reads them: letters without accents, digits and <c>/ - ? : ( ) . , ' +</c> and
/// spaces, no slash at either end and no two in a row (EPC217-08, EPC132-08).
/// </summary>
public static class SepaText
{
    /// <summary>What is written when nothing of a text is left.</summary>
    public const string NotProvided = "NOTPROVIDED";

    private const string Punctuation = "/-?:().,'+";

    /// <summary>What accented letters and marks become; <c>replacement=characters</c>.</summary>
    private static readonly Dictionary<int, string> Replacements = new[]
    {
        "A=ÀÁÂÃÄÅĀĂĄ", "a=àáâãäåāăą", "AE=Æ", "ae=æ", "C=ÇĆĈĊČ", "c=çćĉċč", "D=ĎĐÐ", "d=ďđð", "E=ÈÉÊËĒĔĖĘĚ€", "e=èéêëēĕėęě", "G=ĜĞĠĢ", "g=ĝğġģ", "H=ĤĦ", "h=ĥħ",
        "I=ÌÍÎÏĨĪĬĮİ", "i=ìíîïĩīĭįı", "J=Ĵ", "j=ĵ", "K=Ķ", "k=ķ", "L=ĹĻĽĿŁ", "l=ĺļľŀł", "N=ÑŃŅŇ", "n=ñńņň", "O=ÒÓÔÕÖØŌŎŐ", "o=òóôõöøōŏő", "OE=Œ", "oe=œ", "R=ŔŖŘ", "r=ŕŗř",
        "S=ŚŜŞŠȘ", "s=śŝşšș", "ss=ß", "T=ŢŤŦȚ", "t=ţťŧț", "TH=Þ", "th=þ", "U=ÙÚÛÜŨŪŬŮŰŲ", "u=ùúûüũūŭůűų", "W=Ŵ", "w=ŵ", "Y=ÝŶŸ", "y=ýŷÿ", "Z=ŹŻŽ", "z=źżž",
        "+=&", "'=’‘`´\"“”«»", "-=–—‐‑−_", "(=[{", ")=]}", "/=\\|", ",=;", "o=°º", "a=ª",
    }.SelectMany(entry => entry[(entry.IndexOf('=', StringComparison.Ordinal) + 1)..].EnumerateRunes(), (entry, rune) => (rune.Value, Text: entry[..entry.IndexOf('=', StringComparison.Ordinal)]))
        .ToDictionary(e => e.Value, e => e.Text);

    /// <summary>The text in that character set, at most <paramref name="maxLength"/> characters; never empty.</summary>
    public static string From(string text, int maxLength)
    {
        var written = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var c in Replace(rune))
            {
                if (c is ' ' or '/' && written.Length > 0 && written[^1] == c)
                {
                    continue;
                }

                written.Append(c);
            }
        }

        var cut = written.ToString().Trim(' ', '/');
        cut = cut[..Math.Min(cut.Length, maxLength)].Trim(' ', '/');
        return cut.Any(char.IsAsciiLetterOrDigit) ? cut : NotProvided;
    }

    private static string Replace(Rune rune)
    {
        var value = rune.Value;
        if (rune.IsAscii && (Rune.IsLetterOrDigit(rune) || Punctuation.Contains((char)value, StringComparison.Ordinal)))
        {
            return rune.ToString();
        }

        // A mark that was typed after its letter.
        if (value is >= 0x0300 and <= 0x036F)
        {
            return "";
        }

        return Replacements.GetValueOrDefault(value) ?? (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) ? " " : ".");
    }
}
