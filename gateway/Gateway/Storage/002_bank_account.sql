-- An organisation changes after it registered: its bank account does.
alter table organisation add column version integer not null default 1 check (version > 0);
