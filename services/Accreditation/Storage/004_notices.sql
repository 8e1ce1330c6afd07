-- What a provider was told of an end that comes near: once per end and distance. An end that moves is another end.
create table notice (
  id               uuid primary key,
  kind             text not null check (kind in ('evidence-expires', 'accreditation-expires')),
  accreditation_id uuid not null references accreditation,
  criterion_key    text,
  ends_at          timestamptz not null,
  days_before      integer not null check (days_before in (60, 15)),
  given_at         timestamptz not null check (given_at < ends_at),
  constraint evidence_is_of_a_criterion check ((kind = 'evidence-expires') = (criterion_key is not null))
);
create unique index notice_once on notice (accreditation_id, kind, coalesce(criterion_key, ''), ends_at, days_before);
create index evidence_end on evidence (expires_on) where expires_on is not null;
