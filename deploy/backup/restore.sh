#!/usr/bin/env bash
# Restores what backup.sh has dumped. The marketplace is stopped meanwhile, and its broker's queues are empty: messages
# of a time after the backup would tell of things that are not there any more.
#
#   restore.sh FOLDER [--replace]   the server as psql takes it; --replace drops databases that hold something
#   DATABASES="catalog …"           other names than the usual ones
#   REPUBLISH="1 day"               facts of so long before the backup are told to the other services again at the next
#                                   start; they know by its id what they have received already, for 30 days
set -euo pipefail

folder=${1:?usage: restore.sh FOLDER [--replace]}
replace=${2:-}
[ -z "$replace" ] || [ "$replace" = --replace ] || { echo "There is no option $replace." >&2; exit 2; }
read -ra databases <<<"${DATABASES:-catalog pooled_orders accreditation subsidies gateway}"
export PGDATABASE=postgres

(cd "$folder" && sha256sum --check --quiet SHA256SUMS) || { echo "$folder is not whole." >&2; exit 1; }

for database in "${databases[@]}"; do
  if [ "$(psql -XAtc "select count(*) from pg_database where datname = '$database'")" = 1 ]; then
    tables=$(psql -XAtc "select count(*) from pg_tables where schemaname = 'public'" -d "$database")
    [ "$tables" = 0 ] || [ -n "$replace" ] || { echo "The database $database holds something; --replace drops it." >&2; exit 1; }
  fi
done

for database in "${databases[@]}"; do
  owner=$(psql -XAtc "select pg_get_userbyid(datdba) from pg_database where datname = '$database'")
  owner=${owner:-$(psql -XAtc 'select current_user')}
  psql -Xq -v ON_ERROR_STOP=1 -c "drop database if exists \"$database\" with (force)" -c "create database \"$database\" owner \"$owner\""
  pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --role="$owner" --dbname="$database" "$folder/$database.dump"
  psql -Xq -v ON_ERROR_STOP=1 -d "$database" -c "insert into republish (since) select coalesce(max(at), now()) - interval '${REPUBLISH:-1 day}' from fact"
  echo "$database restored"
done

echo "As of $(cat "$folder/taken-at"). Start the marketplace, then ask GET /api/subsidies/ledger/verification."
