-- A link to choose a new password: first asked for (send_at is set), then sent (token_hash is set), then used.
-- The token itself is nowhere. Rows of e-mails without an account go as soon as that is seen.
create table password_reset (
  id           uuid primary key,
  email_key    text not null check (length(email_key) <= 254),
  is_welcome   boolean not null default false,
  language     text not null check (language in ('fr', 'en')),
  requested_at timestamptz not null,
  send_at      timestamptz,
  tries        integer not null default 0,
  account_id   uuid references account (id),
  token_hash   bytea constraint password_reset_token unique check (length(token_hash) = 32),
  sent_at      timestamptz,
  used_at      timestamptz,
  check (token_hash is null or (account_id is not null and sent_at is not null and send_at is null))
);
create index password_reset_send_at on password_reset (send_at) where send_at is not null;
create index password_reset_account on password_reset (account_id);
