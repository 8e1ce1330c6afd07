// Writes a payment order (JSON: node pain.mjs FILE) as pain.001.001.09 with a writer that shares nothing with ours.
import { readFileSync } from 'node:fs';
import SEPA from 'sepa';

const order = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const document = new SEPA.Document('pain.001.001.09');
document.grpHdr.id = order.number;
document.grpHdr.created = new Date(order.createdAt);
document.grpHdr.initiatorName = order.debtorName;

const payment = document.createPaymentInfo();
payment.id = order.number;
payment.batchBooking = true;
payment.requestedExecutionDate = new Date(order.executionDate);
payment.debtorName = order.debtorName;
payment.debtorIBAN = order.debtorIban;
payment.debtorBIC = order.debtorBic;
document.addPaymentInfo(payment);
for (const transfer of order.transfers) {
  const transaction = payment.createTransaction();
  transaction.end2endId = transfer.endToEndId;
  transaction.amount = Number(transfer.euros);
  transaction.creditorName = transfer.name;
  transaction.creditorIBAN = transfer.iban;
  payment.addTransaction(transaction);
}
console.log(document.toString());
