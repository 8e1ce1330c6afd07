-- Every statement can run again: the sidecar applies this file at each start, under an advisory lock.
create schema if not exists sidecar;

create table if not exists sidecar.known_app (
  app_id text primary key
);

-- A group outlives its app, as a durable queue does: what is published meanwhile waits in "delivery".
create table if not exists sidecar.consumer_group (
  pubsub text not null,
  topic text not null,
  consumer_id text not null,
  primary key (pubsub, topic, consumer_id)
);

-- The sidecar takes a thousand ids at a time and numbers rows itself.
create sequence if not exists sidecar.delivery_id increment by 1000;

-- One row per message and group, each with its own copy of the bytes, as in a queue; a settled row is deleted.
-- visible_at is both the lease and the delay before a retry: a row may be claimed once it has passed.
create table if not exists sidecar.delivery (
  id bigint primary key,
  consumer_id text not null,
  pubsub text not null,
  topic text not null,
  body bytea not null,
  attempts int not null default 0 check (attempts >= 0),
  redeliveries int not null default 0 check (redeliveries >= 0),
  visible_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create index if not exists delivery_visible on sidecar.delivery (consumer_id, visible_at);

create table if not exists sidecar.dead_letter (
  id bigint primary key,
  consumer_id text not null,
  pubsub text not null,
  topic text not null,
  dead_letter_topic text not null,
  body bytea not null,
  died_at timestamptz not null default now()
);
