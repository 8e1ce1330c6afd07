-- What was told of a pool, once per occasion: the closing date, the tier, the declaration. No foreign key to pool: checking
-- it would lock the row that joins wait for, and pools are never deleted.
create table notice (
  pool_id  uuid not null,
  kind     text not null check (kind in ('pool-closes-soon', 'next-tier-near', 'pool-confirmed', 'order-confirmed', 'pool-failed', 'pool-cancelled', 'payment-failed', 'delivery-declared', 'delivery-refused')),
  occasion text not null check (occasion <> ''),
  given_at timestamptz not null,
  primary key (pool_id, kind, occasion)
);

-- The version of each pool up to which its distance to the next tier was looked at.
create table tier_watch (
  pool_id      uuid primary key,
  pool_version integer not null check (pool_version > 0)
);
