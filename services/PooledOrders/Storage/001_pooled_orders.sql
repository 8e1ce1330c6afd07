-- Copies of what other services said, as far as pools need it.
create table pack (
  id             uuid primary key,
  listed         boolean not null,
  stream_version integer not null
);
create table pack_version (
  pack_id          uuid not null,
  pack_version     integer not null,
  provider_id      uuid not null,
  provider_name    text not null,
  name             text not null,
  description      text not null,
  category         text not null,
  unit             text not null,
  term_months      integer not null,
  list_price_cents bigint not null,
  vat_rate_bps     integer not null check (vat_rate_bps between 0 and 10000),
  territories      text[] not null,
  capacity         integer not null,
  tiers            jsonb not null,
  primary key (pack_id, pack_version)
);
create table accreditation (
  id          uuid primary key,
  provider_id uuid not null,
  categories  text[] not null,
  territories text[] not null,
  status      text not null,
  version     integer not null
);
create index accreditation_provider on accreditation (provider_id);
create table programme (
  id      uuid primary key,
  name    text not null,
  funder  text not null,
  version integer not null
);

create table pool (
  id                       uuid primary key,
  pack_id                  uuid not null,
  pack_version             integer not null,
  title                    text not null,
  status                   text not null check (status in ('scheduled', 'open', 'frozen', 'confirmed', 'failed', 'fulfilling', 'settled', 'cancelled')),
  opens_at                 timestamptz not null,
  closes_at                timestamptz not null,
  min_quantity             integer not null check (min_quantity > 0),
  max_quantity             integer not null check (max_quantity >= min_quantity),
  territories              text[] not null,
  programme_ids            uuid[] not null,
  committed_quantity       integer not null default 0 check (committed_quantity >= 0),
  tolerance_quantity       integer not null default 0 check (tolerance_quantity >= 0),
  commitment_count         integer not null default 0 check (commitment_count >= 0),
  extension_count          integer not null default 0 check (extension_count between 0 and 2),
  extended_seconds         bigint not null default 0 check (extended_seconds between 0 and 30 * 86400),
  frozen_at                timestamptz,
  awarded_unit_price_cents bigint check (awarded_unit_price_cents > 0),
  ordered_quantity         integer check (ordered_quantity > 0),
  closed_at                timestamptz,
  end_reason               text,
  version                  integer not null,
  foreign key (pack_id, pack_version) references pack_version (pack_id, pack_version),
  check (opens_at < closes_at),
  constraint pool_never_oversold check (committed_quantity + tolerance_quantity <= max_quantity),
  check ((status = 'frozen') = (frozen_at is not null)),
  check ((awarded_unit_price_cents is not null) = (status in ('confirmed', 'fulfilling', 'settled')))
);
create index pool_due on pool (closes_at) where status = 'open';
create index pool_scheduled on pool (opens_at) where status = 'scheduled';
create index pool_by_pack on pool (pack_id);

create table commitment (
  id                 uuid primary key,
  pool_id            uuid not null references pool (id),
  organisation_id    uuid not null,
  organisation_name  text not null,
  siren              text not null check (siren ~ '^[0-9]{9}$'),
  departement        text not null,
  headcount          integer,
  turnover_cents     bigint,
  status             text not null check (status in ('pending', 'committed', 'confirmed', 'payment-due', 'paid', 'delivered', 'accepted', 'withdrawn', 'released', 'payment-failed', 'defaulted', 'cancelled')),
  quantity           integer not null check (quantity >= 1),
  tolerance          integer not null check (tolerance >= 0),
  price_limit_cents  bigint check (price_limit_cents > 0),
  joined_at          timestamptz not null,
  placed_version     integer not null,
  end_reason         text,
  allocated_quantity integer check (allocated_quantity between 1 and quantity + tolerance),
  unit_price_cents   bigint check (unit_price_cents > 0 and (price_limit_cents is null or unit_price_cents <= price_limit_cents)),
  net_cents          bigint check (net_cents = allocated_quantity * unit_price_cents),
  vat_cents          bigint check (vat_cents >= 0),
  aid                jsonb not null default '[]',
  aid_status         text not null default 'pending' check (aid_status in ('pending', 'reserved', 'granted', 'released')),
  aid_version        integer not null default 0,
  aid_cents          bigint not null default 0 check (aid_cents >= 0),
  payable_cents      bigint,
  version            integer not null,
  constraint payable_adds_up check (payable_cents is null or payable_cents = net_cents + vat_cents - aid_cents and payable_cents >= 0)
);
create unique index commitment_one_live on commitment (pool_id, siren) where status not in ('withdrawn', 'released', 'defaulted', 'cancelled');
create index commitment_pool on commitment (pool_id, joined_at, id);
create index commitment_organisation on commitment (organisation_id, id);

-- One number per closing, without gaps, taken in the closing's own transaction.
create table closing_counter (
  only_row boolean primary key default true check (only_row),
  last     bigint not null
);
insert into closing_counter (last) values (0);
