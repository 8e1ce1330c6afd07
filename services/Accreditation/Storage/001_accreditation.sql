-- A published scheme is never changed: a change is a new version, and an application keeps the one it was opened under.
create table scheme (
  version      integer primary key check (version > 0),
  published_at timestamptz not null
);

create table criterion (
  scheme_version  integer not null references scheme,
  key             text not null check (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  position        integer not null,
  text            text not null,
  mandatory       boolean not null,
  categories      text[] not null check (cardinality(categories) > 0 and categories <@ array['antivirus', 'encrypted-backup', 'firewall', 'audit']),
  validity_months integer check (validity_months > 0),
  primary key (scheme_version, key),
  unique (scheme_version, position)
);

create table application (
  id              uuid primary key,
  version         integer not null check (version > 0),
  scheme_version  integer not null references scheme,
  provider_id     uuid not null,
  provider_name   text not null,
  siret           text not null check (siret ~ '^[0-9]{14}$'),
  categories      text[] not null check (cardinality(categories) > 0 and categories <@ array['antivirus', 'encrypted-backup', 'firewall', 'audit']),
  territories     text[] not null check (cardinality(territories) > 0),
  status          text not null check (status in ('draft', 'submitted', 'review', 'granted', 'refused')),
  created_at      timestamptz not null,
  submitted_at    timestamptz check (status = 'draft' or submitted_at is not null),
  return_reason   text,
  -- Everyone who evaluated it, in any round; findings are those of the last one.
  evaluators      uuid[] not null default '{}',
  evaluated_at    timestamptz,
  findings        jsonb,
  decided_by      uuid,
  decided_at      timestamptz,
  decision_reason text,
  constraint decided check ((status in ('granted', 'refused')) = (decided_at is not null) and (decided_at is null) = (decided_by is null)),
  constraint evaluated_before_decision check (decided_at is null or (cardinality(evaluators) > 0 and findings is not null)),
  constraint four_eyes check (decided_by is null or not decided_by = any (evaluators)),
  constraint refusal_has_reason check (status <> 'refused' or decision_reason is not null)
);
create index application_provider on application (provider_id, id);
create index application_status on application (status, id);

create table evidence (
  application_id uuid not null references application,
  scheme_version integer not null,
  criterion_key  text not null,
  media_type     text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
  content        bytea not null check (octet_length(content) between 1 and 10485760),
  size           integer not null check (size = octet_length(content)),
  sha256         text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  expires_on     date,
  uploaded_at    timestamptz not null,
  uploaded_by    uuid not null,
  primary key (application_id, criterion_key),
  foreign key (scheme_version, criterion_key) references criterion (scheme_version, key)
);
-- The formats are compressed already.
alter table evidence alter column content set storage external;

create sequence accreditation_number;

create table accreditation (
  id             uuid primary key,
  version        integer not null check (version > 0),
  number         text not null unique,
  application_id uuid not null unique references application,
  provider_id    uuid not null,
  provider_name  text not null,
  siret          text not null,
  categories     text[] not null,
  territories    text[] not null,
  status         text not null check (status in ('active', 'suspended', 'withdrawn', 'expired')),
  status_reason  text,
  valid_from     timestamptz not null,
  valid_until    timestamptz not null check (valid_until > valid_from),
  constraint reason_given check (status not in ('suspended', 'withdrawn') or status_reason is not null)
);
create index accreditation_name on accreditation (provider_name, id);
create index accreditation_provider on accreditation (provider_id);
create index accreditation_end on accreditation (valid_until) where status in ('active', 'suspended');
