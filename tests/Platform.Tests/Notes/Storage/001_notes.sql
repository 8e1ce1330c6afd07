create table note (
  id      uuid primary key,
  title   text not null,
  weight  integer not null check (weight between 1 and 1000),
  due_at  timestamptz,
  status  text not null check (status in ('new', 'due')),
  version integer not null
);
create table stamp (
  id      uuid primary key,
  note_id uuid not null references note (id)
);

-- What the consumers did: once per fact is right, twice is the defect that the tests look for.
create table heard (
  note_id uuid primary key,
  times   integer not null,
  trace   text
);
create table counted (
  stamp_id uuid primary key,
  times    integer not null
);
