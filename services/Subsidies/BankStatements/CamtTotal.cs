using System.Globalization;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>A count and a sum of entries, and what TxsSummry says of them.</summary>
internal sealed class CamtTotal
{
    private int count;
    private Int128 cents;

    public decimal? ToldCount { get; set; }

    public decimal? ToldSum { get; set; }

    public static string Euros(Int128 cents) => ((decimal)cents / 100).ToString("0.00", CultureInfo.InvariantCulture);

    public void Add(long signedCents)
    {
        count++;
        cents += Math.Abs(signedCents);
    }

    public void Check(int line, string name)
    {
        if (ToldCount is { } told && told != count)
        {
            throw new StatementFaultException(line, $"{name}/NbOfNtries says {told} entries, but {count} are there.");
        }

        if (ToldSum is { } sum && sum != (decimal)cents / 100)
        {
            throw new StatementFaultException(line, $"{name}/Sum says {sum.ToString(CultureInfo.InvariantCulture)}, but the entries add up to {Euros(cents)}.");
        }
    }
}
