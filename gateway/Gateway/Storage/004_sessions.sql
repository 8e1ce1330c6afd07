-- An account changes after it was made: its name, password, roles, second factor, and whether it may sign in.
alter table account
  add column version     integer not null default 1 check (version > 0),
  add column disabled_at timestamptz;

-- One row per sign-in; its id is in the token. By the system's clock, as the token is.
create table session (
  id           uuid primary key,
  account_id   uuid not null references account (id),
  address      text not null check (length(address) <= 60),
  user_agent   text not null check (length(user_agent) <= 200),
  created_at   timestamptz not null,
  expires_at   timestamptz not null check (expires_at > created_at),
  last_used_at timestamptz not null,
  ended_at     timestamptz
);
create index session_account on session (account_id, id);
create index session_expires_at on session (expires_at);
