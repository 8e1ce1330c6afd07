-- DOMAIN §1: quantities strictly rising, unit prices strictly falling, the first price at most the list price.
create function tiers_hold(quantities integer[], prices bigint[], list_price bigint) returns boolean
  language sql immutable parallel safe
  return cardinality(quantities) between 1 and 20
    and cardinality(quantities) = cardinality(prices)
    and array_position(quantities, null) is null
    and array_position(prices, null) is null
    and quantities[1] >= 1
    and prices[cardinality(prices)] >= 1
    and prices[1] <= list_price
    and not exists (
      select from generate_series(2, cardinality(quantities)) as i
      where quantities[i] <= quantities[i - 1] or prices[i] >= prices[i - 1]);

create table pack (
  id              uuid primary key,
  provider_id     uuid not null,
  status          text not null check (status in ('draft', 'listed', 'delisted', 'withdrawn')),
  version         integer not null check (version > 0),
  stream_version  integer not null check (stream_version >= version),
  first_listed_at timestamptz,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  check (first_listed_at is not null or status in ('draft', 'withdrawn'))
);
create index pack_provider on pack (provider_id, id);

create table pack_version (
  pack_id          uuid not null references pack (id),
  version          integer not null check (version > 0),
  provider_name    text not null,
  name             text not null check (length(name) between 1 and 200),
  description      text not null check (length(description) <= 5000),
  category         text not null check (category in ('antivirus', 'encrypted-backup', 'firewall', 'audit')),
  unit             text not null check (unit in ('seat', 'device', 'site', 'terabyte', 'audit')),
  term_months      integer not null check (term_months between 1 and 120),
  list_price_cents bigint not null check (list_price_cents between 1 and 100000000),
  vat_rate_bps     integer not null check (vat_rate_bps between 0 and 10000),
  territories      text[] not null check (cardinality(territories) >= 1),
  capacity         integer not null check (capacity between 1 and 1000000),
  attributes       jsonb not null check (jsonb_typeof(attributes) = 'object'),
  tier_quantities  integer[] not null,
  tier_prices      bigint[] not null,
  created_at       timestamptz not null,
  primary key (pack_id, version),
  check (tiers_hold(tier_quantities, tier_prices, list_price_cents))
);
alter table pack add foreign key (id, version) references pack_version (pack_id, version) deferrable initially deferred;

-- A pool keeps the version it was opened with (DOMAIN §1): what a version says must never change.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'a version of a pack never changes';
end
$$;
create trigger pack_version_never_changes before update or delete on pack_version
  for each row execute function refuse_change();

-- The local copy of the accreditation service's register; the fact with the highest version is all there is to know.
create table accreditation (
  id          uuid primary key,
  provider_id uuid not null,
  categories  text[] not null,
  territories text[] not null,
  status      text not null,
  version     integer not null check (version > 0)
);
create index accreditation_provider on accreditation (provider_id);
