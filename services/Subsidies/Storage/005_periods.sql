-- Claims on money that was paid (titres de recettes), numbered by year without gaps. What was due and in no payment run
-- is not claimed but released, back to its envelope: that part needs no titre, and a row without one has no number.
create table recovery_counter (
  year integer primary key,
  last integer not null check (last > 0)
);

create table recovery (
  id              uuid primary key,
  number          text unique check (number ~ '^TR-\d{4}-\d{6,}$'),
  grant_id        uuid not null references aid_grant (id),
  programme_id    uuid not null references programme (id),
  recovered_cents bigint not null check (recovered_cents >= 0),
  released_cents  bigint not null check (released_cents >= 0),
  reason          text not null check (length(reason) between 1 and 2000),
  recorded_by     uuid not null,
  recorded_at     timestamptz not null,
  constraint moves_something check (recovered_cents + released_cents > 0),
  constraint numbered_when_claimed check ((number is not null) = (recovered_cents > 0))
);
create index recovery_grant on recovery (grant_id);

-- Years whose books are closed, with the place in the ledger where each ends. Bounds are the instants in UTC of the year
-- in Europe/Paris, half-open.
create table closed_period (
  year          integer primary key check (year between 2000 and 2199),
  id            uuid not null unique,
  starts_at     timestamptz not null,
  ends_at       timestamptz not null check (ends_at > starts_at),
  last_sequence bigint not null references ledger_entry (sequence),
  last_hash     bytea not null check (octet_length(last_hash) = 32),
  reason        text check (length(reason) between 1 and 2000),
  closed_by     uuid not null,
  closed_at     timestamptz not null check (closed_at >= ends_at)
);

-- What each programme's accounts held at the end of the year, and how they moved in it.
create table closed_period_figure (
  year           integer not null references closed_period (year),
  programme_id   uuid not null references programme (id),
  account        text not null,
  end_cents      bigint not null,
  movement_cents bigint not null,
  primary key (year, programme_id, account)
);

create function closed_period_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'A closed year stays as it was closed.' using errcode = 'integrity_constraint_violation';
end $$;
create trigger closed_period_is_final before update or delete or truncate on closed_period
  for each statement execute function closed_period_is_final();
create trigger closed_period_figure_is_final before update or delete or truncate on closed_period_figure
  for each statement execute function closed_period_is_final();

-- Once per statement, not per row: entries come by the ten thousand.
create function ledger_keeps_out_of_closed_periods() returns trigger language plpgsql as $$
begin
  if exists (select from closed_period p join added a on a.at >= p.starts_at and a.at < p.ends_at) then
    raise exception 'The ledger takes no entry that is dated in a closed year.' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create trigger ledger_keeps_out_of_closed_periods after insert on ledger_entry referencing new table as added
  for each statement execute function ledger_keeps_out_of_closed_periods();
