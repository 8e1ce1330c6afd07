// Reads a camt.053 file with two parsers that share nothing with ours, and prints its movements as JSON: node camt.mjs FILE
// camt-parser gives references, amounts, status and creditors; iso20022.js gives parties of both sides, remittance and returns.
import { readFileSync } from 'node:fs';
import { parseCamt053 } from 'camt-parser';
import { CashManagementEndOfDayReport } from 'iso20022.js';

const xml = readFileSync(process.argv[2], 'utf8');
const first = await parseCamt053(xml);
const second = CashManagementEndOfDayReport.fromXML(xml);
const firstEntries = first.statements.flatMap(statement => statement.transactions);

const movements = second.entries.flatMap((entry, i) => {
  const other = firstEntries[i];
  const shared = {
    status: other.status,
    isCredit: entry.creditDebitIndicator === 'credit',
    bookedOn: other.bookingDate.slice(0, 10),
    bankReference: other.accountServicerReference,
    isReversal: other.reversalIndicator,
    code: entry.bankTransactionCode.domainSubFamilyCode,
  };
  if (entry.transactions.length === 0) {
    return [{ ...shared, euros: other.amount.value, endToEndId: '', iban: null, creditorIban: null, text: entry.additionalInformation ?? null, returnReason: null }];
  }
  return entry.transactions.map((transaction, k) => ({
    ...shared,
    euros: other.details[k].amountDetails.transactionAmount.value,
    endToEndId: other.details[k].references.endToEndId,
    iban: (transaction.creditor ?? transaction.debtor)?.account?.iban ?? null,
    creditorIban: other.details[k].relatedParties?.creditorAccount?.iban ?? null,
    text: transaction.remittanceInformation ?? other.details[k].remittanceInformation?.structured.creditorReferenceInformation.reference ?? transaction.returnAdditionalInformation ?? null,
    returnReason: transaction.returnReason?.Cd ?? null,
  }));
});
console.log(JSON.stringify({
  statementIds: first.statements.map(statement => statement.statementId),
  accountIban: first.statements[0].account.iban,
  movements,
}));
