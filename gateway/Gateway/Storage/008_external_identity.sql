-- Who signs in by a provider has no password here; staff whose roles were lost there keeps its account and none of them.
alter table account
  alter column password_hash drop not null,
  drop constraint account_roles_check,
  add constraint account_roles_check check (
    roles <@ array['business', 'provider', 'buyer', 'assessor', 'finance', 'admin'] and (cardinality(roles) > 0 or organisation_id is null));

-- A user of a provider is an account here. One account may have several: a provider may know a person by another subject after a change on its side.
create table external_identity (
  id              uuid primary key,
  account_id      uuid not null references account (id),
  issuer          text not null check (length(issuer) between 1 and 500),
  subject         text not null check (length(subject) between 1 and 255),
  linked_at       timestamptz not null,
  last_sign_in_at timestamptz not null,
  constraint external_identity_subject unique (issuer, subject)
);
create index external_identity_account on external_identity (account_id);

-- One row per return from the provider: a state is used once. Where the user has still something to say (a password, a
-- code, the business), what the provider told is kept until then, for who holds the ticket; only its hash is stored.
create table external_sign_in (
  id          uuid primary key,
  state_hash  bytea not null constraint external_sign_in_state unique check (length(state_hash) = 32),
  ticket_hash bytea constraint external_sign_in_ticket unique check (length(ticket_hash) = 32),
  told        bytea,
  at          timestamptz not null,
  check ((ticket_hash is null) = (told is null))
);
create index external_sign_in_at on external_sign_in (at);

-- The provider's id_token, sealed: at the end of the session it says there whose session ends.
alter table session add column id_token bytea;
