-- Where the provider is paid, as it was when the application was submitted: the assessors look at it beside the RIB, and
-- aid is paid to this account and to no other.
alter table application add column iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$');
alter table accreditation add column iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$');
