-- The payment provider's statement as fetched, what each of its lines came to beside what was recorded here, and the
-- exceptions that a person resolves (DOMAIN §6). Lines are the provider's and only ever repeated, never corrected here.
create table payout (
  id                    text primary key,
  amount_cents          bigint not null,
  currency              text not null,
  status                text not null,
  automatic             boolean not null,
  reconciliation_status text,
  created               timestamptz not null,
  arrival_date          date not null,
  itemised_at           timestamptz
);
create index payout_created on payout (created);

create table balance_transaction (
  id                 text primary key,
  type               text not null,
  reporting_category text not null,
  kind               text not null check (kind in ('charge', 'refund', 'refund-failure', 'dispute', 'payout', 'fee', 'other')),
  amount_cents       bigint not null,
  fee_cents          bigint not null,
  net_cents          bigint not null,
  currency           text not null,
  status             text not null,
  created            timestamptz not null,
  available_on       timestamptz not null,
  source_id          text,
  payment_intent_id  text,
  refund_id          text,
  commitment_id      uuid references commitment (id),
  payout_id          text references payout (id),
  judged             boolean not null default false,
  group_key          text not null generated always as (coalesce(commitment_id::text, payment_intent_id, id)) stored,
  constraint amount_less_fee_is_net check (net_cents = amount_cents - fee_cents)
);
create index balance_transaction_group on balance_transaction (group_key);
create index balance_transaction_to_judge on balance_transaction (group_key) where not judged;
create index balance_transaction_intent on balance_transaction (payment_intent_id);
create index balance_transaction_homeless on balance_transaction (payment_intent_id) where commitment_id is null;
create index balance_transaction_payout on balance_transaction (payout_id);

-- Where the fetching stands, in the provider's time; a pass that died goes on after its last page.
create table statement_cursor (
  only_row       boolean primary key default true check (only_row),
  complete_until timestamptz,
  pass_after     text,
  pass_newest    timestamptz,
  fetched_at     timestamptz,
  failed_at      timestamptz
);
insert into statement_cursor default values;

-- What was decided, one row per line and per record without a line; judged anew whenever either side changes.
create table card_match (
  group_key       text not null,
  subject         text not null,
  kind            text not null check (kind in ('exact', 'waiting', 'reversed', 'other', 'partial', 'over', 'duplicate', 'unknown', 'missing', 'disputed', 'refund-failed', 'currency')),
  side            text not null check (side in ('payment', 'refund', 'none')),
  commitment_id   uuid references commitment (id),
  pool_id         uuid references pool (id),
  line_id         text unique references balance_transaction (id),
  recorded_cents  bigint not null,
  statement_cents bigint not null,
  at              timestamptz not null,
  primary key (group_key, subject),
  check (kind <> 'exact' or recorded_cents = statement_cents),
  check (kind <> 'missing' or line_id is null)
);
create index card_match_at on card_match (at, subject);
create index card_match_pool on card_match (pool_id, at);
create index card_match_commitment on card_match (commitment_id);
create index card_match_waiting on card_match (group_key) where kind = 'waiting';

create table card_exception (
  id              uuid primary key,
  kind            text not null check (kind in ('partial', 'over', 'duplicate', 'unknown', 'missing', 'disputed', 'refund-failed', 'currency', 'payout-difference', 'payout-failed', 'payout-not-itemised', 'wrong-sum')),
  subject         text not null,
  group_key       text not null,
  commitment_id   uuid,
  pool_id         uuid,
  recorded_cents  bigint not null,
  statement_cents bigint not null,
  at              timestamptz not null,
  raised_at       timestamptz not null,
  status          text not null default 'open' check (status in ('open', 'resolved', 'closed')),
  resolution      text,
  reason          text,
  resolved_by     uuid,
  ended_at        timestamptz,
  version         integer not null default 1,
  unique (subject, kind),
  constraint resolved_by_a_person_with_a_reason check ((status = 'resolved') = (resolution is not null and reason is not null and resolved_by is not null)),
  check ((status = 'open') = (ended_at is null))
);
create index card_exception_open on card_exception (group_key) where status = 'open';
create index card_exception_at on card_exception (at);
create index card_exception_pool on card_exception (pool_id, at);
