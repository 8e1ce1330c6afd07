-- Read each second: those whose tokens must not be forwarded any more.
create index session_ended on session (expires_at) where ended_at is not null;
