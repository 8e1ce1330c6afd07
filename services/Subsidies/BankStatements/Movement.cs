namespace Marketplace.Subsidies.BankStatements;

/// <summary>One booked movement on our account (DOMAIN §6). Nothing of it is judged here: matching is for the reconciliation.</summary>
/// <param name="Line">The line of the file where it begins, from 1.</param>
/// <param name="BookingDate">The day the bank booked it, as the bank writes it; 1990-01-01 to 2199-12-31.</param>
/// <param name="AmountCents">&gt; 0: paid out (debit); &lt; 0: came back or came in (credit). Never 0; at most 10^13 either way.</param>
/// <param name="EndToEndId">At most 35 characters; null when absent or NOTPROVIDED.</param>
/// <param name="Iban">The counterparty's account, normalised and checked; null when absent.</param>
/// <param name="Reference">Remittance information, else the bank's free text; trimmed to 140 characters, null when absent.</param>
/// <param name="BankReference">The bank's own unique id of the entry (AcctSvcrRef), the same for all movements of one entry; null when absent (always in CSV).</param>
/// <param name="IsReturn">A credit by which the bank gives back what we had paid: it has return information (RtrInf), the reversal indicator or a return's transaction code (RRTN, RPCR); in CSV every negative amount.</param>
/// <param name="ReturnReason">The bank's reason code for the return, such as AC04; null when absent.</param>
/// <param name="PaymentInformationId">PmtInfId of a batch that the bank booked as one amount without its transactions; null otherwise.</param>
/// <param name="BatchCount">The number of transactions (NbOfTxs) of such a batch; null when absent.</param>
/// <param name="Occurrence">How many movements identical in everything but the line came before it in this file (0, 1, …): tells true twins from a file read twice.</param>
public sealed record Movement(
    int Line,
    DateOnly BookingDate,
    long AmountCents,
    string? EndToEndId,
    string? Iban,
    string? Reference,
    string? BankReference,
    bool IsReturn,
    string? ReturnReason,
    string? PaymentInformationId,
    int? BatchCount,
    int Occurrence);

/// <summary>What a statement file held, known once it has been read to its end.</summary>
/// <param name="Format">camt.053.001.08, camt.053.001.02 or csv.</param>
/// <param name="AccountIban">Our account; null when the file does not say (always in CSV).</param>
/// <param name="StatementIds">The bank's ids of the statements (Stmt/Id) in the order of the file; empty in CSV.</param>
/// <param name="Movements">How many movements were read.</param>
/// <param name="PendingIgnored">Entries that are not booked (pending, information, future) and were left out.</param>
/// <param name="From">The first booking date; null without movements.</param>
/// <param name="To">The last booking date; null without movements.</param>
/// <param name="Warnings">What a person should know, such as balances that do not add up; empty when all is well.</param>
public sealed record StatementSummary(
    string Format,
    string? AccountIban,
    IReadOnlyList<string> StatementIds,
    int Movements,
    int PendingIgnored,
    DateOnly? From,
    DateOnly? To,
    IReadOnlyList<string> Warnings);
