-- The envelopes. The totals are moved in the transaction that writes the grants they are the sums of; the check is the
-- last word on "never overspent" (DOMAIN §5).
create table programme (
  id                    uuid primary key,
  name                  text not null check (length(name) between 1 and 200),
  funder                text not null check (length(funder) between 1 and 200),
  budget_cents          bigint not null check (budget_cents >= 0),
  reserved_cents        bigint not null default 0 check (reserved_cents >= 0),
  granted_cents         bigint not null default 0 check (granted_cents >= 0),
  paid_cents            bigint not null default 0 check (paid_cents >= 0),
  rate_bps              integer not null check (rate_bps between 1 and 10000),
  cap_cents             bigint check (cap_cents > 0),
  window_months         integer not null check (window_months > 0),
  min_spend_cents       bigint not null check (min_spend_cents >= 0),
  max_base_cents        bigint check (max_base_cents > 0),
  categories            text[] not null check (cardinality(categories) > 0),
  territories           text[] not null check (cardinality(territories) > 0),
  max_headcount         integer check (max_headcount > 0),
  max_turnover_cents    bigint check (max_turnover_cents > 0),
  intensity_ceiling_bps integer not null check (intensity_ceiling_bps between 1 and 10000),
  priority              integer not null check (priority >= 0),
  de_minimis            boolean not null,
  valid_from            timestamptz not null,
  valid_until           timestamptz not null,
  version               integer not null check (version > 0),
  constraint never_overspent check (reserved_cents + granted_cents + paid_cents <= budget_cents),
  check (valid_from < valid_until)
);

create table beneficiary (
  siren   text primary key check (siren ~ '^\d{9}$'),
  id      uuid not null unique,
  version integer not null check (version > 0)
);

-- A link is declared by one side and holds for both.
create table beneficiary_link (
  siren  text not null references beneficiary (siren),
  linked text not null check (linked ~ '^\d{9}$' and linked <> siren),
  primary key (siren, linked)
);
create index beneficiary_link_linked on beneficiary_link (linked);

create table declared_aid (
  siren        text not null references beneficiary (siren),
  position     integer not null,
  granted_on   date not null,
  amount_cents bigint not null check (amount_cents > 0),
  source       text not null check (length(source) between 1 and 200),
  de_minimis   boolean not null,
  primary key (siren, position)
);

-- What this service knows of a pool once it has closed; an open pool has no row. 'confirmed' and 'failed' still wait for
-- their turn; 'granted' and 'ended' are settled. Closing numbers have no gaps: money moves in their order.
create table pool (
  id               uuid primary key,
  status           text not null check (status in ('confirmed', 'failed', 'granted', 'ended')),
  allocation_count integer check (allocation_count >= 0),
  confirmed_at     timestamptz,
  closing_number   bigint unique check (closing_number > 0),
  check (status in ('failed', 'ended') or (allocation_count is not null and confirmed_at is not null))
);
create index pool_to_settle on pool (closing_number) where status in ('confirmed', 'failed');

create table allocation (
  commitment_id uuid primary key,
  pool_id       uuid not null references pool (id),
  net_cents     bigint not null check (net_cents >= 0)
);
create index allocation_pool on allocation (pool_id);

-- A commitment as its latest placement told it, and what its aid came to. `cut`: a live reservation that an exhausted
-- envelope cut, waiting for money to return.
create table commitment (
  id             uuid primary key,
  pool_id        uuid not null,
  siren          text not null,
  departement    text not null,
  headcount      integer,
  turnover_cents bigint,
  category       text not null,
  programme_ids  uuid[] not null,
  net_cents      bigint not null check (net_cents >= 0),
  joined_at      timestamptz not null,
  placed_version integer not null,
  status         text not null check (status in ('reserved', 'granted', 'released')),
  aid_version    integer not null check (aid_version > 0),
  cut            boolean not null check (not cut or status = 'reserved'),
  calculation    jsonb
);
create index commitment_pool on commitment (pool_id);
create index commitment_cut on commitment (joined_at, id) where cut;

-- An end that came before its placement.
create table ended_commitment (
  id      uuid primary key,
  pool_id uuid not null
);

create table aid_grant (
  id             uuid primary key,
  commitment_id  uuid not null references commitment (id),
  programme_id   uuid not null references programme (id),
  pool_id        uuid not null,
  siren          text not null,
  status         text not null check (status in ('reserved', 'granted', 'released')),
  reserved_cents bigint not null check (reserved_cents >= 0),
  granted_cents  bigint not null check (granted_cents >= 0),
  paid_cents     bigint not null default 0 check (paid_cents between 0 and granted_cents),
  limited_by     text[] not null,
  counts_from    timestamptz not null,
  unique (commitment_id, programme_id),
  check (reserved_cents = 0 or status = 'reserved'),
  check (granted_cents = 0 or status = 'granted')
);
create index aid_grant_held on aid_grant (siren) where status in ('reserved', 'granted');
create index aid_grant_pool on aid_grant (pool_id, id);
create index aid_grant_programme on aid_grant (programme_id, id);
