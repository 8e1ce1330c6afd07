-- What an account is told of, and how: by mail unless switched off, in its language where it is known.
alter table account
  add column language      text check (language in ('fr', 'en')),
  add column mails_notices boolean not null default true;

-- One row per notice and account; kept for twelve months.
create table notification (
  id         uuid primary key,
  notice_id  uuid not null,
  account_id uuid not null references account (id),
  kind       text not null check (length(kind) between 1 and 60),
  data       jsonb not null,
  given_at   timestamptz not null,
  created_at timestamptz not null,
  read_at    timestamptz,
  mailed_at  timestamptz,
  constraint notification_once unique (notice_id, account_id)
);
create index notification_list on notification (account_id, given_at desc, id desc);
create index notification_unread on notification (account_id) where read_at is null;
create index notification_created_at on notification (created_at);

-- Letters to be sent. A table of its own: a letter is locked while a mail server takes its time, and its notification can be read meanwhile.
create table notification_mail (
  notification_id uuid primary key references notification (id) on delete cascade,
  send_at         timestamptz not null,
  tries           integer not null default 0
);
create index notification_mail_send_at on notification_mail (send_at);
