-- Every object of the API is one row; bodies are Stripe's JSON plus a few fields of our own that start with an underscore.
create table if not exists objects (
  id text primary key,
  kind text not null,
  seq bigint generated always as identity,
  -- Commit order for the event list: sequence numbers become visible out of order.
  xid xid8 not null default pg_current_xact_id(),
  created bigint not null,
  body jsonb not null,
  constraint captured_within_amount check (kind <> 'charge' or (body->>'amount_captured')::bigint <= (body->>'amount')::bigint),
  constraint refunded_within_amount check (kind <> 'charge' or (body->>'amount_refunded')::bigint <= (body->>'amount')::bigint),
  constraint reversed_within_transfer check (kind <> 'transfer' or (body->>'amount_reversed')::bigint <= (body->>'amount')::bigint)
);
create index if not exists objects_kind on objects (kind, seq);
create index if not exists objects_customer on objects (kind, (body->>'customer'), seq) where body->>'customer' is not null;
create index if not exists objects_payment_intent on objects (kind, (body->>'payment_intent'), seq) where body->>'payment_intent' is not null;
create index if not exists objects_charge on objects (kind, (body->>'charge'), seq) where body->>'charge' is not null;
create index if not exists objects_source on objects (kind, (body->>'source'), seq) where body->>'source' is not null;
create index if not exists objects_source_transaction on objects (kind, (body->>'source_transaction'), seq) where body->>'source_transaction' is not null;
create index if not exists objects_created on objects (kind, created);

create table if not exists idempotency (
  key text primary key,
  fingerprint bytea not null,
  status int not null,
  body text not null,
  request text not null,
  created bigint not null
);

create table if not exists deliveries (
  id bigint generated always as identity primary key,
  event text not null references objects (id),
  endpoint text not null references objects (id),
  attempts int not null default 0,
  -- Milliseconds since 1970.
  next_at bigint not null,
  give_up_at bigint not null
);
create index if not exists deliveries_next on deliveries (next_at);
create index if not exists deliveries_event on deliveries (event);

create table if not exists due_work (
  id bigint generated always as identity primary key,
  -- Seconds since 1970.
  at bigint not null,
  action text not null,
  object text not null
);
create index if not exists due_work_at on due_work (at);
