using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// Counts equal movements by 128 bits of SHA-256 of what they say: 36 bytes each instead of the movement, and two different
/// ones never meet by chance (a million of them: one in 10^26).
/// </summary>
internal sealed class Twins
{
    private readonly Dictionary<UInt128, int> counts = [];

    public int Before(Movement movement)
    {
        var said = string.Join('\u001f', movement.BookingDate.DayNumber, movement.AmountCents, movement.EndToEndId, movement.Iban, movement.Reference, movement.BankReference, movement.IsReturn, movement.ReturnReason, movement.PaymentInformationId, movement.BatchCount);
        return CollectionsMarshal.GetValueRefOrAddDefault(counts, Hash(said), out _)++;
    }

    public static UInt128 Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
