-- What the provider delivered and what the business said to it (DOMAIN §6). A refused declaration leaves the reason and
-- nothing else; accepted_quantity follows once the service is certified as done, and from then on the amounts are those
-- of what was delivered.
alter table commitment
  add column siret              text check (siret ~ '^[0-9]{14}$' and left(siret, 9) = siren),
  add column delivered_quantity integer,
  add column delivered_on       date,
  add column declared_at        timestamptz,
  add column refused_at         timestamptz,
  add column refusal_reason     text,
  add column accepted_at        timestamptz,
  add column tacit              boolean,
  add column accepted_quantity  integer,
  drop constraint commitment_check2,
  add constraint net_is_quantity_times_price check (net_cents = coalesce(accepted_quantity, allocated_quantity) * unit_price_cents),
  drop constraint commitment_aid_status_check,
  add constraint commitment_aid_status_check check (aid_status in ('pending', 'reserved', 'granted', 'released', 'service-done')),
  add constraint delivered_at_most_what_was_allocated check (delivered_quantity between 0 and allocated_quantity),
  add constraint a_declaration_is_whole check (
    (status in ('delivered', 'accepted')) = (declared_at is not null)
    and (declared_at is null) = (delivered_quantity is null) and (declared_at is null) = (delivered_on is null)),
  add constraint an_acceptance_is_whole check ((status = 'accepted') = (accepted_at is not null) and (accepted_at is null) = (tacit is null)),
  add constraint a_refusal_has_a_reason check ((refused_at is null) = (refusal_reason is null)),
  add constraint accepted_is_what_was_delivered check (accepted_quantity is null or status = 'accepted' and accepted_quantity = delivered_quantity);
create index commitment_silent on commitment (declared_at) where status = 'delivered';
create index commitment_not_settled on commitment (pool_id) where status in ('confirmed', 'payment-due', 'payment-failed', 'paid', 'delivered');

-- A commitment whose aid covers everything is paid without a charge; refund_cents is what was asked back in all, by the
-- trigger below, so that no more is ever given back than was taken.
alter table payment
  add column refund_cents bigint not null default 0,
  drop constraint payment_status_check,
  add constraint payment_status_check check (status in ('to-set-up', 'ready', 'setup-failed', 'due', 'succeeded', 'failed', 'action-required', 'cancelled', 'not-needed')),
  drop constraint payment_amount_cents_check,
  add constraint payment_amount_cents_check check (case status when 'not-needed' then amount_cents = 0 else amount_cents > 0 end),
  add constraint refunded_at_most_what_was_paid check (refund_cents between 0 and coalesce(amount_cents, 0));

-- Money on its way back to a business. One reason gives back once; a failed refund that is tried again is the same row
-- with another attempt, and each attempt has a key of its own, written down before the payment provider is asked.
create table refund (
  id               uuid primary key,
  commitment_id    uuid not null references payment (commitment_id),
  reason           text not null check (reason in ('short-delivery', 'released', 'late-payment')),
  amount_cents     bigint not null check (amount_cents > 0),
  status           text not null default 'due' check (status in ('due', 'pending', 'succeeded', 'failed')),
  attempt          integer not null default 1 check (attempt > 0),
  idempotency_key  text not null unique,
  refund_reference text unique,
  failure_code     text,
  tries            integer not null default 0,
  next_try_at      timestamptz,
  asked_at         timestamptz not null,
  unique (commitment_id, reason),
  check (status not in ('pending', 'succeeded') or refund_reference is not null),
  check ((status = 'failed') = (failure_code is not null))
);
create index refund_to_do on refund (next_try_at) where status in ('due', 'pending');

create function count_refund() returns trigger language plpgsql as $$
begin
  update payment set refund_cents = refund_cents + new.amount_cents where commitment_id = new.commitment_id;
  return null;
end $$;
create trigger refund_is_counted after insert on refund for each row execute function count_refund();

-- An event about an object that could not be read is worked off again later.
alter table stripe_event add column next_try_at timestamptz;
