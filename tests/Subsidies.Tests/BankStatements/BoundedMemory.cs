using System.Text;
using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Statements of the largest size are read in little memory: what is kept per movement is a hash, not its text. Measured while no other test runs.</summary>
[CollectionDefinition(nameof(BoundedMemory), DisableParallelization = true)]
[Collection(nameof(BoundedMemory))]
public sealed class BoundedMemory
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public Task a_camt_statement_of_100_megabytes() => ReadAsync(
        Camt.Document("@").Split('@'),
        i => Camt.Entry("10.00", details: Camt.Transaction("10.00", $"RUN-{i}", Camt.Iban, more: $"<RmtInf><Ustrd>{new string('x', 500)}</Ustrd></RmtInf>"), reference: $"R-{i}"));

    [Fact]
    public Task a_csv_statement_of_100_megabytes() => ReadAsync(
        ["bookingDate,amountCents,currency,endToEndId,iban,reference\n", ""],
        i => $"2026-12-01,1000,EUR,RUN-{i},{Camt.Iban},\"{new string('x', 500)}\"\n");

    private static async Task ReadAsync(string[] frame, Func<int, string> part)
    {
        await using var file = new GrowingStream(100 * Megabyte, frame[0], part, frame[1]);
        var reading = await StatementReader.OpenAsync(file, null, TestContext.Current.CancellationToken);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (count, most) = (0, 0L);
        await foreach (var movement in reading.ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(1000, movement.AmountCents);
            if (++count % 20_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{file.Written / Megabyte} MB, {count} movements: at most {most / Megabyte} MB");
        Assert.True(file.Written > 100 * Megabyte);
        Assert.Equal(reading.Summary.Movements, count);
        Assert.InRange(count, 60_000, 400_000);
        Assert.InRange(most, 1, 40 * Megabyte);
    }

    /// <summary>Writes itself while it is read.</summary>
    private sealed class GrowingStream(long size, string start, Func<int, string> part, string end) : MemoryStream
    {
        private byte[] piece = Encoding.UTF8.GetBytes(start);
        private int offset;
        private int parts;
        private bool isOver;

        public long Written { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (offset == piece.Length && !isOver)
            {
                isOver = Written > size;
                (piece, offset) = (Encoding.UTF8.GetBytes(isOver ? end : part(parts++)), 0);
            }

            var count = Math.Min(buffer.Length, piece.Length - offset);
            piece.AsSpan(offset, count).CopyTo(buffer.Span);
            offset += count;
            Written += count;
            return ValueTask.FromResult(count);
        }
    }
}
