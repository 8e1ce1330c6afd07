-- The shared secret of one-time codes (RFC 6238), sealed with a key that is not in the database.
alter table account
  add column totp_pending bytea,
  add column totp_secret  bytea,
  -- The time step of the last accepted code: neither it nor an earlier one is accepted again.
  add column totp_step    bigint;

create table recovery_code (
  account_id uuid not null references account (id),
  hash       bytea not null check (length(hash) = 32),
  used_at    timestamptz,
  primary key (account_id, hash)
);
