using System.Globalization;
using Dapper;
using Marketplace.Subsidies.Tests.BankStatements;
using Marketplace.Subsidies.Tests.Reconciliation;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>A bank that books what was ordered: right, in part, too much, twice, back again, for a whole run, and things that nobody knows.</summary>
public sealed class TownsBank(Random random, CrashingService service, NpgsqlConnection books)
{
    private readonly List<(string Content, string Type)> sent = [];

    private sealed record Booked(string EndToEndId, string Iban, long AmountCents, long DebitedCents, long ReturnedCents, string Status, string Number);

    /// <summary>A statement, or one that was sent before; null when nothing was ever ordered.</summary>
    public async Task<(string Content, string Type)?> StatementAsync()
    {
        if (sent.Count > 0 && random.Next(6) == 0)
        {
            return sent[random.Next(sent.Count)];
        }

        var known = (await books.QueryAsync<Booked>(
            """
            select t.end_to_end_id as EndToEndId, t.iban, t.amount_cents as AmountCents, t.debited_cents as DebitedCents, t.returned_cents as ReturnedCents, t.status, r.number
            from payment_transfer t join payment_run r on r.id = t.run_id where r.status = 'approved' or @any order by t.status <> 'ordered', t.end_to_end_id
            """, new { any = random.Next(10) == 0 })).AsList();
        if (known.Count == 0)
        {
            return null;
        }

        var statement = random.Next(5) == 0 ? WholeRun(known) : (Content: Lines(known), Type: "text/csv");
        sent.Add(statement);
        return statement;
    }

    /// <summary>Everything that is outstanding is booked as it was ordered.</summary>
    public async Task<string?> EverythingAsync()
    {
        var outstanding = (await books.QueryAsync<(string EndToEndId, long Cents)>(
            "select end_to_end_id, amount_cents - debited_cents from payment_transfer where status = 'ordered' and debited_cents < amount_cents order by end_to_end_id")).AsList();
        return outstanding.Count == 0 ? null : Bank.Csv(outstanding.Select((t, i) => new Line(t.Cents, t.EndToEndId, Reference: $"{service.Now:O} {i}", Day: Day)));
    }

    private string Day => service.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Lines(List<Booked> known)
    {
        var lines = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Line(Any(known)) with { Day = Day }).ToList();

        // An overlap: lines of an earlier file once more.
        var old = sent.Where(s => s.Type == "text/csv").Select(s => s.Content).ToList();
        var again = old.Count > 0 && random.Next(4) == 0 ? old[random.Next(old.Count)].Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..] : [];
        return string.Join('\n', [Bank.Csv(lines).TrimEnd('\n'), .. again]) + "\n";
    }

    /// <summary>Mostly of what is ordered: those come first.</summary>
    private Booked Any(List<Booked> known)
    {
        var ordered = known.Count(k => k.Status == "ordered");
        return known[random.Next(ordered > 0 && random.Next(3) > 0 ? ordered : known.Count)];
    }

    private Line Line(Booked transfer)
    {
        var outstanding = Math.Max(1, transfer.AmountCents - transfer.DebitedCents);
        var left = transfer.DebitedCents - transfer.ReturnedCents;
        var cents = random.Next(10) switch
        {
            < 5 => outstanding,
            5 => random.NextInt64(1, outstanding + 1),
            6 => outstanding + random.Next(1, 50_00),
            7 => -Math.Max(1, left),
            8 => -random.NextInt64(1, transfer.AmountCents + 1),
            _ => random.Next(1, 1_000_00),
        };
        return random.Next(8) switch
        {
            0 => new Line(cents, Iban: transfer.Iban),
            1 => new Line(cents, $"INCONNU-{random.Next(1_000)}", TestProvider.RandomIban()),
            _ => new Line(cents, transfer.EndToEndId, transfer.Iban),
        };
    }

    private (string Content, string Type) WholeRun(List<Booked> known)
    {
        var number = Any(known).Number;
        var run = known.Where(k => k.Number == number).ToList();
        var cents = random.Next(3) switch
        {
            0 => run.Sum(t => t.AmountCents),
            1 => Math.Max(1, run.Sum(t => t.Status == "ordered" ? t.AmountCents - t.DebitedCents : 0)),
            _ => random.NextInt64(1, run.Sum(t => t.AmountCents) + 1),
        };
        var isReturn = random.Next(4) == 0;
        var entry = Camt.Entry(
            Camt.Euros(cents), isReturn ? "CRDT" : "DBIT", Camt.Transaction(refs: $"<PmtInfId>{number}</PmtInfId>"), date: $"<Dt>{Day}</Dt>",
            reference: $"B{random.Next()}", more: isReturn ? "<RvslInd>true</RvslInd>" : "");
        return (Camt.Document(entry, id: $"RELEVE-{random.Next()}"), "application/xml");
    }
}
