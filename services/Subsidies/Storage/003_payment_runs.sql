-- From what is due to the bank's file (DOMAIN §6). A payee's name and SIRET are those of the newest change of any of its
-- accreditations; its account is that of its youngest accreditation until somebody sets another here.
create table payee (
  provider_id              uuid primary key,
  name                     text not null check (length(name) between 1 and 500),
  siret                    text check (siret ~ '^\d{14}$'),
  iban                     text check (iban ~ '^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$'),
  iban_set_by              uuid,
  iban_accredited_at       timestamptz,
  accreditation_id         uuid,
  accreditation_version    integer,
  accreditation_changed_at timestamptz,
  version                  integer not null check (version > 0),
  constraint set_is_known check (iban_set_by is null or iban is not null)
);

-- Runs are numbered by year without gaps.
create table payment_run_counter (
  year integer primary key,
  last integer not null check (last > 0)
);

-- The debtor is frozen at the approval: the file of an approved run is the same for ever.
create table payment_run (
  id             uuid primary key,
  number         text not null unique check (number ~ '^PR-\d{4}-\d{6,}$'),
  programme_id   uuid not null references programme (id),
  status         text not null check (status in ('prepared', 'approved', 'cancelled')),
  execution_date date not null,
  total_cents    bigint not null check (total_cents > 0),
  transfer_count integer not null check (transfer_count > 0),
  left_out       jsonb not null,
  prepared_by    uuid not null,
  prepared_at    timestamptz not null,
  approved_by    uuid,
  approved_at    timestamptz,
  cancelled_by   uuid,
  cancelled_at   timestamptz,
  cancel_reason  text check (length(cancel_reason) between 1 and 2000),
  debtor_name    text,
  debtor_iban    text,
  debtor_bic     text,
  debtor_siret   text,
  version        integer not null check (version > 0),
  constraint four_eyes check (approved_by <> prepared_by),
  constraint approved_is_whole check ((status = 'approved') = (approved_by is not null and approved_at is not null and debtor_name is not null and debtor_iban is not null)),
  constraint cancelled_is_whole check ((status = 'cancelled') = (cancelled_by is not null and cancelled_at is not null and cancel_reason is not null))
);
create index payment_run_programme on payment_run (programme_id, id);

-- One credit transfer per run and provider, at most what the SEPA scheme takes (999 999 999.99 €).
create table payment_transfer (
  id            uuid primary key,
  run_id        uuid not null references payment_run (id),
  provider_id   uuid not null,
  provider_name text not null,
  iban          text not null,
  amount_cents  bigint not null check (amount_cents between 1 and 99999999999),
  grant_count   integer not null check (grant_count > 0),
  end_to_end_id text not null unique check (end_to_end_id ~ '^[A-Z0-9-]{1,35}$'),
  status        text not null check (status in ('prepared', 'ordered', 'paid', 'rejected', 'cancelled', 'settled')),
  settled_at    timestamptz,
  unique (run_id, provider_id)
);
create index payment_transfer_provider on payment_transfer (provider_id);

-- Which grant is paid by which transfer. Active: the transfer is prepared or ordered. status_before: what a cancelled
-- run gives the grant back.
create table transfer_grant (
  transfer_id   uuid not null references payment_transfer (id),
  grant_id      uuid not null references aid_grant (id),
  amount_cents  bigint not null check (amount_cents > 0),
  status_before text not null check (status_before in ('service-done', 'rejected')),
  active        boolean not null,
  primary key (transfer_id, grant_id)
);
create unique index one_grant_one_run on transfer_grant (grant_id) where active;
create index transfer_grant_grant on transfer_grant (grant_id);
