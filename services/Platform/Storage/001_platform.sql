-- What every service keeps besides its own tables. One log of facts is the audit trail, the history and the source of
-- the outbox; a row is never changed.
create table fact (
  sequence   bigint generated always as identity primary key,
  id         uuid not null unique,
  stream_id  uuid not null,
  version    integer not null check (version > 0),
  type       text not null,
  at         timestamptz not null,
  actor      uuid,
  actor_role text,
  trace      text,
  data       jsonb not null
);
create index fact_stream on fact (stream_id, sequence);

-- Facts that other services are still to be told; a row goes when the sidecar has accepted it.
create table outbox (
  fact_id uuid primary key references fact (id)
);

create table inbox (
  event_id    text primary key,
  received_at timestamptz not null
);

create table idempotency (
  user_id      uuid not null,
  key          text not null check (length(key) between 1 and 255),
  request_hash bytea not null,
  at           timestamptz not null,
  status       integer,
  body         bytea,
  location     text,
  version      bigint,
  primary key (user_id, key)
);
create index idempotency_at on idempotency (at);
create index inbox_received_at on inbox (received_at);
