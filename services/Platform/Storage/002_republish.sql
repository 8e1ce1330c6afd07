-- A restored database asks for the facts since some instant to be told again: what was on its way between two services
-- when the backup was taken is in no other place than the log.
create table republish (
  since timestamptz not null
);
