create table organisation (
  id             uuid primary key,
  kind           text not null check (kind in ('business', 'provider')),
  name           text not null check (length(name) between 1 and 200),
  siret          text not null constraint organisation_siret unique check (siret ~ '^[0-9]{14}$'),
  headcount      integer check (headcount between 0 and 1000000),
  turnover_cents bigint check (turnover_cents between 0 and 1000000000000000),
  departement    text not null check (departement ~ '^(0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-6])$'),
  iban           text check (iban ~ '^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$'),
  created_at     timestamptz not null
);

create table account (
  id              uuid primary key,
  email           text not null check (length(email) between 3 and 254),
  -- The e-mail in lower case: the same mailbox has one account however it is typed.
  email_key       text not null constraint account_email unique,
  display_name    text not null check (length(display_name) between 1 and 200),
  password_hash   text not null,
  roles           text[] not null check (cardinality(roles) > 0 and roles <@ array['business', 'provider', 'buyer', 'assessor', 'finance', 'admin']),
  organisation_id uuid references organisation (id),
  created_at      timestamptz not null,
  check ((organisation_id is not null) = (roles && array['business', 'provider']))
);
create index account_organisation on account (organisation_id);

-- Wrong passwords by account (a hash of what was typed, so that nobody's typing is kept) and by address.
create table sign_in_failure (
  subject  text primary key,
  failures integer not null check (failures > 0),
  since    timestamptz not null
);
create index sign_in_failure_since on sign_in_failure (since);
