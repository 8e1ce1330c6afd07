-- From grant to bank (DOMAIN §6). A grant's amounts are cumulative: each stage holds no more than the one before it.
-- What is granted and not yet paid counts in the envelope's granted_cents; what was paid moves to paid_cents, and what a
-- titre de recettes claims back to recovered_cents: it is a claim, not money that may be granted again.
alter table programme
  add column recovered_cents bigint not null default 0 check (recovered_cents >= 0),
  add column legal_basis text check (length(legal_basis) between 1 and 500),
  add column funder_siret text check (funder_siret ~ '^\d{14}$'),
  drop constraint never_overspent,
  add constraint never_overspent check (reserved_cents + granted_cents + paid_cents + recovered_cents <= budget_cents);

alter table pool
  add column provider_id uuid,
  add column provider_name text;

alter table commitment
  add column organisation_name text,
  add column siret text check (siret ~ '^\d{14}$'),
  add column delivered_quantity integer check (delivered_quantity >= 0),
  add column delivered_on date,
  add column service_done_at timestamptz;

-- Grants are numbered by year in the order in which they were made (arrêté d'attribution).
create table act_counter (
  year integer primary key,
  last integer not null check (last > 0)
);

alter table aid_grant
  add column act_number text unique,
  add column committed_cents bigint not null default 0,
  add column service_done_cents bigint not null default 0,
  add column ordered_cents bigint not null default 0,
  add column recovered_cents bigint not null default 0,
  drop constraint aid_grant_status_check,
  drop constraint aid_grant_check,
  drop constraint aid_grant_check2,
  add constraint aid_grant_status check (status in ('reserved', 'granted', 'committed', 'service-done', 'ordered', 'paid', 'rejected', 'released', 'recovered')),
  add constraint aid_grant_stages check (
    0 <= recovered_cents and recovered_cents <= paid_cents and paid_cents <= ordered_cents and ordered_cents <= service_done_cents
    and service_done_cents <= committed_cents and committed_cents <= granted_cents),
  add constraint aid_grant_only_after_reservation check (granted_cents = 0 or status not in ('reserved', 'released'));
drop index aid_grant_held;
create index aid_grant_held on aid_grant (siren) where status <> 'released';
create index aid_grant_due on aid_grant (programme_id, id) where status in ('service-done', 'rejected');

-- The ledger. One row is one balanced entry: the same amount is debited to one account of the programme and credited to
-- another, so that no row can be out of balance. Rows are never changed or deleted; each carries the hash of the one
-- before it.
create table ledger_entry (
  sequence       bigint primary key check (sequence > 0),
  at             timestamptz not null,
  programme_id   uuid not null references programme (id),
  debit_account  text not null check (debit_account in ('voted', 'available', 'reserved', 'granted', 'committed', 'service-done', 'ordered', 'paid', 'recovered')),
  credit_account text not null check (credit_account in ('voted', 'available', 'reserved', 'granted', 'committed', 'service-done', 'ordered', 'paid', 'recovered')),
  amount_cents   bigint not null check (amount_cents > 0),
  reason         text not null check (reason ~ '^[a-z]+(-[a-z]+)*$'),
  reference      uuid not null,
  document       uuid,
  reverses       bigint unique references ledger_entry (sequence),
  actor          uuid,
  note           text check (length(note) <= 2000),
  previous_hash  bytea not null check (octet_length(previous_hash) = 32),
  hash           bytea not null unique check (octet_length(hash) = 32),
  constraint two_accounts check (debit_account <> credit_account),
  constraint reverses_an_earlier_entry check (reverses < sequence)
);
create index ledger_entry_reference on ledger_entry (reference, sequence);
create index ledger_entry_document on ledger_entry (document, sequence) where document is not null;
create index ledger_entry_programme on ledger_entry (programme_id, at);

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'The ledger is append-only; corrections are reversals.' using errcode = 'integrity_constraint_violation';
end $$;
create trigger ledger_is_append_only before update or delete or truncate on ledger_entry
  for each statement execute function ledger_is_append_only();

-- Where the chain ends; its row is also what writers queue for.
create table ledger_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null,
  hash     bytea not null check (octet_length(hash) = 32)
);
insert into ledger_head (sequence, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Debits less credits of each account, moved with the entries. Only the source of the money is below zero.
create table ledger_balance (
  programme_id  uuid not null references programme (id),
  account       text not null,
  balance_cents bigint not null,
  primary key (programme_id, account),
  constraint never_below_zero check (case account when 'voted' then balance_cents <= 0 else balance_cents >= 0 end)
);
