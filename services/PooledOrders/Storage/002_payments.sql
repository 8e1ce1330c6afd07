-- One payment per commitment: the saved method while the pool is open, then the one charge. A PaymentIntent's id is kept
-- as soon as it exists and never replaced while it can still succeed, so a commitment is charged at most once.
create table payment (
  commitment_id     uuid primary key references commitment (id),
  status            text not null check (status in ('to-set-up', 'ready', 'setup-failed', 'due', 'succeeded', 'failed', 'action-required', 'cancelled')),
  payment_method    text,
  customer_id       text,
  setup_intent_id   text,
  payment_intent_id text unique,
  attempt           integer not null default 0,
  amount_cents      bigint check (amount_cents > 0),
  failure_code      text,
  due_until         timestamptz,
  next_try_at       timestamptz,
  tries             integer not null default 0,
  paid_at           timestamptz,
  check (status <> 'succeeded' or payment_intent_id is not null)
);
create index payment_to_do on payment (next_try_at) where status in ('to-set-up', 'due');
create index payment_overdue on payment (due_until) where status in ('failed', 'action-required');

-- The payment provider's customer of a business, made once.
create table payment_customer (
  organisation_id uuid primary key,
  customer_id     text not null unique
);

-- Webhook events as they came, by their own id: a replay is harmless.
create table stripe_event (
  id           text primary key,
  type         text not null,
  body         jsonb not null,
  received_at  timestamptz not null,
  processed_at timestamptz
);
create index stripe_event_to_do on stripe_event (received_at) where processed_at is null;
