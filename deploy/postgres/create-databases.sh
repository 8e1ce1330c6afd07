#!/bin/sh
# Run once, by the entry point of PostgreSQL's image, on an empty volume: a database for each service, owned by a role of
# its own that can enter no other.
set -eu

create() {
  psql --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres --set=name="$1" --set=password="$2" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
}

create catalog "$CATALOG_DATABASE_PASSWORD"
create pooled_orders "$POOLED_ORDERS_DATABASE_PASSWORD"
create accreditation "$ACCREDITATION_DATABASE_PASSWORD"
create subsidies "$SUBSIDIES_DATABASE_PASSWORD"
create gateway "$GATEWAY_DATABASE_PASSWORD"
create payments "$PAYMENTS_DATABASE_PASSWORD"
