using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Subsidies.Ledger;

/// <summary>
/// One balanced entry: the amount is debited to one account of a programme and credited to another.
/// </summary>
/// <param name="Sequence">From 1, without gaps.</param>
/// <param name="At">When it was written (UTC, whole microseconds).</param>
/// <param name="ProgrammeId">Whose accounts.</param>
/// <param name="DebitAccount">Where the money goes (<see cref="Accounts"/>).</param>
/// <param name="CreditAccount">Where it comes from.</param>
/// <param name="AmountCents">In cents, > 0.</param>
/// <param name="Reason">What happened, in hyphenated words.</param>
/// <param name="Reference">The grant; for a budget, the programme.</param>
/// <param name="Document">The payment run, bank statement, exception or titre that it rests on, where there is one.</param>
/// <param name="Reverses">The entry that it corrects by its mirror image.</param>
/// <param name="Actor">Who caused it; null for the system.</param>
/// <param name="Note">A reason in words, where somebody gave one.</param>
public sealed record LedgerEntry(
    long Sequence,
    DateTime At,
    Guid ProgrammeId,
    string DebitAccount,
    string CreditAccount,
    long AmountCents,
    string Reason,
    Guid Reference,
    Guid? Document,
    long? Reverses,
    Guid? Actor,
    string? Note)
{
    /// <summary>The columns of the table, in the record's order, without the hashes.</summary>
    public const string Columns =
        "sequence, at, programme_id, debit_account, credit_account, amount_cents, reason, reference, document, reverses, actor, note";

    /// <summary>
    /// SHA-256 over the UTF-8 text of the fields, joined by <c>|</c>: the previous hash in lower-case hex, then the
    /// fields in the record's order; the instant as <c>2026-11-22T05:18:39.000000Z</c>, what is absent as nothing. The
    /// note comes last, so that no text in it can pass for another field.
    /// </summary>
    public byte[] HashAfter(byte[] previousHash) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{Convert.ToHexStringLower(previousHash)}|{Sequence}|{At:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}|{ProgrammeId}|{DebitAccount}|{CreditAccount}|{AmountCents}|{Reason}|{Reference}|{Document}|{Reverses}|{Actor}|{Note}")));
}
