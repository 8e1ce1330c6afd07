-- What the bank says (DOMAIN §6). A file is known by its SHA-256, so that it is imported once, whatever it is called.
create table bank_statement (
  id            uuid primary key,
  sha256        bytea not null unique check (octet_length(sha256) = 32),
  format        text not null,
  account       text,
  statement_ids text[] not null,
  first_day     date,
  last_day      date,
  movements     integer not null check (movements >= 0),
  imported      integer not null check (imported >= 0),
  exact         integer not null check (exact >= 0),
  exceptions    integer not null check (exceptions >= 0),
  ignored       integer not null check (ignored >= 0),
  warnings      text[] not null,
  imported_by   uuid not null,
  imported_at   timestamptz not null,
  constraint every_movement_has_an_outcome check (imported = exact + exceptions and imported <= movements)
);

-- A movement is known by what the bank says of it, whichever file it came in: the digest of its identifying fields, and
-- how many like it came before it in its file (true twins).
create table bank_movement (
  id                     uuid primary key,
  statement_id           uuid not null references bank_statement (id),
  position               integer not null check (position > 0),
  line                   integer not null check (line > 0),
  account                text not null,
  digest                 uuid not null,
  occurrence             integer not null check (occurrence > 0),
  booking_date           date not null,
  amount_cents           bigint not null check (amount_cents <> 0),
  end_to_end_id          text,
  iban                   text,
  reference              text,
  bank_reference         text,
  is_return              boolean not null check (not is_return or amount_cents < 0),
  return_reason          text,
  payment_information_id text,
  outcome                text not null check (outcome in ('exact', 'partial', 'over', 'duplicate', 'unknown', 'rejected')),
  transfer_id            uuid references payment_transfer (id),
  run_id                 uuid references payment_run (id),
  unique (account, digest, occurrence),
  unique (statement_id, position),
  constraint of_a_transfer_or_a_run check (transfer_id is null or run_id is null),
  constraint exact_is_of_something check (outcome <> 'exact' or transfer_id is not null or run_id is not null)
);
create index bank_movement_transfer on bank_movement (transfer_id) where transfer_id is not null;
create index bank_movement_run on bank_movement (run_id) where run_id is not null;

-- What the bank's movements say of a transfer, in total: what left, and what came back. batch_cents is its part of a
-- movement that paid a whole run at once; exact_movement is the one after which nothing was outstanding.
alter table payment_transfer
  add column debited_cents bigint not null default 0 check (debited_cents >= 0),
  add column returned_cents bigint not null default 0 check (returned_cents >= 0),
  add column batch_cents bigint not null default 0 check (batch_cents between 0 and amount_cents),
  add column exact_movement_id uuid references bank_movement (id);
create index payment_transfer_outstanding on payment_transfer (iban, (amount_cents - debited_cents)) where status = 'ordered';
create index payment_transfer_left on payment_transfer (iban, (debited_cents - returned_cents)) where debited_cents > returned_cents;
create index payment_transfer_silent on payment_transfer (run_id, id) where status = 'ordered' and debited_cents = 0;
create index payment_transfer_batch on payment_transfer (exact_movement_id) where batch_cents > 0;

-- What the ledger holds as paid by a transfer. While the transfer is ordered nothing is.
alter table transfer_grant
  add column paid_cents bigint not null default 0,
  add constraint never_paid_more_than_ordered check (paid_cents between 0 and amount_cents),
  add constraint paid_is_no_longer_ordered check (paid_cents = 0 or not active);

-- Everything but an exact movement waits for a person with a reason. One per movement, and one per missing transfer ever.
create table reconciliation_exception (
  id             uuid primary key,
  kind           text not null check (kind in ('partial', 'over', 'duplicate', 'unknown', 'rejected', 'missing')),
  movement_id    uuid unique references bank_movement (id),
  transfer_id    uuid references payment_transfer (id),
  run_id         uuid references payment_run (id),
  programme_id   uuid references programme (id),
  amount_cents   bigint not null,
  expected_cents bigint,
  detail         text not null,
  status         text not null check (status in ('open', 'resolved')),
  raised_at      timestamptz not null,
  resolution     text check (length(resolution) between 1 and 100),
  reason         text check (length(reason) between 1 and 2000),
  resolved_by    uuid,
  resolved_at    timestamptz,
  version        integer not null check (version > 0),
  constraint missing_has_no_movement check ((kind = 'missing') = (movement_id is null)),
  constraint missing_has_a_transfer check (kind <> 'missing' or transfer_id is not null),
  constraint resolved_is_whole check ((status = 'resolved') = (resolution is not null and reason is not null and resolved_at is not null))
);
create unique index one_missing_per_transfer on reconciliation_exception (transfer_id) where kind = 'missing';
create index reconciliation_exception_transfer on reconciliation_exception (transfer_id) where transfer_id is not null;
create index reconciliation_exception_open on reconciliation_exception (id) where status = 'open';
create index reconciliation_exception_open_run on reconciliation_exception (run_id) where status = 'open' and transfer_id is null;
