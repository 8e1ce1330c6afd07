// Drives the payment simulator with the official SDK: node conformance.mjs HOST PORT KEY
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import Stripe from 'stripe';

const [host, port, key] = process.argv.slice(2);
const stripe = new Stripe(key, { host, port: Number(port), protocol: 'http', telemetry: false });
const refused = async (call, expected) => {
  const error = await call.then(() => assert.fail('must be refused'), e => e);
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name}: ${error.message}`);
  return error;
};
const offSession = { currency: 'eur', confirm: true, off_session: true, allowed_payment_method_types: ['card'] };

// Webhooks: signed so that the SDK accepts them.
const events = [];
let secret;
const receiver = createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    try {
      events.push(stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers['stripe-signature'], secret));
      response.end();
    } catch (e) {
      events.push({ type: `invalid: ${e.message}` });
      response.writeHead(400).end();
    }
  });
}).listen(0, '127.0.0.1');
await new Promise(resolve => receiver.once('listening', resolve));
const endpoint = await stripe.webhookEndpoints.create({
  url: `http://127.0.0.1:${receiver.address().port}/hooks`,
  enabled_events: ['payment_intent.succeeded', 'refund.created'],
});
secret = endpoint.secret;

// Join.
const customer = await stripe.customers.create({ name: 'Café & Co', email: 'a+b@x.fr', metadata: { order_id: 'o-1' }, preferred_locales: ['fr'], address: { country: 'FR', line1: '1 rue A' } });
assert.equal(customer.name, 'Café & Co');
assert.equal(customer.metadata.order_id, 'o-1');
assert.equal(customer.livemode, false);
const setup = await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa', usage: 'off_session', confirm: true, allowed_payment_method_types: ['card'], expand: ['payment_method'] });
assert.equal(setup.status, 'succeeded');
assert.equal(setup.payment_method.card.last4, '4242');
const methods = await stripe.customers.listPaymentMethods(customer.id);
assert.deepEqual(methods.data.map(m => m.id), [setup.payment_method.id]);

// Close.
const paid = await stripe.paymentIntents.create({ ...offSession, amount: 1999, customer: customer.id, payment_method: setup.payment_method.id, expand: ['latest_charge.balance_transaction', 'customer'] }, { idempotencyKey: 'node:1' });
assert.equal(paid.status, 'succeeded');
assert.match(paid.id, /^pi_sim_/);
assert.equal(paid.customer.id, customer.id);
assert.equal(paid.latest_charge.balance_transaction.net, 1999 - paid.latest_charge.balance_transaction.fee);
assert.ok(paid.lastResponse.requestId.startsWith('req_'));
const replay = await stripe.paymentIntents.create({ ...offSession, amount: 1999, customer: customer.id, payment_method: setup.payment_method.id, expand: ['latest_charge.balance_transaction', 'customer'] }, { idempotencyKey: 'node:1' });
assert.equal(replay.id, paid.id);
assert.equal(replay.lastResponse.headers['idempotent-replayed'], 'true');
await refused(stripe.paymentIntents.create({ ...offSession, amount: 2000, customer: customer.id, payment_method: setup.payment_method.id }, { idempotencyKey: 'node:1' }), { type: 'StripeIdempotencyError', statusCode: 400 });

// Declines.
const declined = await refused(stripe.paymentIntents.create({ ...offSession, amount: 1999, customer: customer.id, payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }), { type: 'StripeCardError', statusCode: 402, code: 'card_declined', decline_code: 'insufficient_funds' });
assert.equal(declined.payment_intent.status, 'requires_payment_method');
const authentication = await refused(stripe.paymentIntents.create({ ...offSession, amount: 1999, customer: customer.id, payment_method: 'pm_card_authenticationRequired' }), { type: 'StripeCardError', code: 'authentication_required' });
const action = await stripe.paymentIntents.confirm(authentication.payment_intent.id, { payment_method: 'pm_card_authenticationRequired', return_url: 'http://127.0.0.1:1/back' });
assert.equal(action.status, 'requires_action');
await fetch(action.next_action.redirect_to_url.url, { method: 'POST', body: new URLSearchParams({ answer: 'approve' }), redirect: 'manual' });
assert.equal((await stripe.paymentIntents.retrieve(action.id)).status, 'succeeded');

// Create, update, confirm, cancel, capture.
const open = await stripe.paymentIntents.create({ amount: 500, currency: 'eur', customer: customer.id, automatic_payment_methods: { enabled: true, allow_redirects: 'never' }, metadata: { a: 'b' } });
assert.equal(open.status, 'requires_payment_method');
assert.deepEqual((await stripe.paymentIntents.update(open.id, { metadata: { a: '', c: 'd' } })).metadata, { c: 'd' });
assert.equal((await stripe.paymentIntents.confirm(open.id, { payment_method: 'pm_card_visa' })).status, 'succeeded');
const abandoned = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' });
assert.equal((await stripe.paymentIntents.cancel(abandoned.id, { cancellation_reason: 'abandoned' })).status, 'canceled');
await refused(stripe.paymentIntents.cancel(abandoned.id), { type: 'StripeInvalidRequestError', code: 'payment_intent_unexpected_state' });
const held = await stripe.paymentIntents.create({ ...offSession, amount: 2000, payment_method: 'pm_card_visa', capture_method: 'manual' });
assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 })).amount_received, 1500);

// Money.
const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 500, reason: 'requested_by_customer', metadata: { x: '1' } });
assert.equal(refund.status, 'succeeded');
const account = await stripe.accounts.create({ country: 'FR' });
const transfer = await stripe.transfers.create({ amount: 400, currency: 'eur', destination: account.id, source_transaction: paid.latest_charge.id, transfer_group: 'ORDER_1' });
assert.equal((await stripe.transfers.createReversal(transfer.id, { amount: 100 })).amount, 100);
assert.equal((await stripe.transfers.retrieve(transfer.id)).amount_reversed, 100);
const lines = await stripe.balanceTransactions.list({ limit: 100, created: { gte: paid.created - 60 }, expand: ['data.source'] }).autoPagingToArray({ limit: 1000 });
assert.ok(lines.some(line => line.source.id === refund.id && line.net === -500));
const balance = await stripe.balance.retrieve();
assert.equal(balance.available[0].amount + balance.pending[0].amount, lines.reduce((sum, line) => sum + line.net, 0));

// Lists, forwards and backwards.
const made = [];
for (let i = 0; i < 7; i++) made.unshift((await stripe.customers.create({ email: 'list@x.fr' })).id);
assert.deepEqual((await stripe.customers.list({ email: 'list@x.fr', limit: 3 }).autoPagingToArray({ limit: 100 })).map(c => c.id), made);
const before = await stripe.customers.list({ email: 'list@x.fr', limit: 3, ending_before: made[4] });
assert.deepEqual(before.data.map(c => c.id), made.slice(1, 4));
assert.equal(before.has_more, true);
await stripe.customers.del(made[0]);
assert.equal((await stripe.customers.retrieve(made[0])).deleted, true);
await refused(stripe.customers.retrieve('cus_none'), { type: 'StripeInvalidRequestError', statusCode: 404, code: 'resource_missing' });
await refused(stripe.paymentIntents.create({ amount: 500, currency: 'eur', payment_method_types: ['card'] }), { statusCode: 400, code: 'payment_method_types_no_longer_supported' });
await refused(new Stripe('sk_live_x', { host, port: Number(port), protocol: 'http', telemetry: false }).balance.retrieve(), { type: 'StripeAuthenticationError', statusCode: 401 });

// The webhooks have come, every one with a good signature, and the list has the same ones.
const listed = await stripe.events.list({ types: ['payment_intent.succeeded', 'refund.created'], limit: 100 }).autoPagingToArray({ limit: 1000 });
for (let i = 0; i < 200 && events.length < listed.length; i++) await new Promise(resolve => setTimeout(resolve, 50));
assert.deepEqual(new Set(events.map(e => e.id ?? e.type)), new Set(listed.map(e => e.id)));
assert.equal(listed[0].api_version, '2026-10-28.endive');
receiver.close();
receiver.closeAllConnections();
console.log('all passed');
