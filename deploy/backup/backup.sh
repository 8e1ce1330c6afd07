#!/usr/bin/env bash
# Dumps every database of the marketplace as of one moment, while it runs.
#
#   backup.sh FOLDER        the server as psql takes it: PGHOST, PGPORT, PGUSER, PGPASSWORD or ~/.pgpass
#   DATABASES="catalog …"   other names than the usual ones
#
# Services share facts, so their databases belong together: a subsidy must not be restored without the commitment it is
# for. Every change of state writes one of the tables below; while they are locked in all databases (a few milliseconds,
# writers wait) each database's snapshot is taken, and the dumps read those snapshots at leisure. What was on its way
# between two services at that moment is told again after a restore (see restore.sh), and consumers know it by its id.
set -euo pipefail

folder=${1:?usage: backup.sh FOLDER}
read -ra databases <<<"${DATABASES:-catalog pooled_orders accreditation subsidies gateway}"
[ ! -e "$folder" ] || { echo "$folder is there already; a backup gets a folder of its own." >&2; exit 1; }

partial="$folder.partial"
sessions=$(mktemp -d)
declare -A to from
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$sessions"' EXIT

# A session that stays open beside the others.
open() {
  mkfifo "$sessions/$1.to" "$sessions/$1.from"
  psql -XqAt -v ON_ERROR_STOP=1 -d "$2" <"$sessions/$1.to" >"$sessions/$1.from" 2>"$sessions/$1.errors" &
  exec {to[$1]}>"$sessions/$1.to" {from[$1]}<"$sessions/$1.from"
}

ask() {
  echo "$2" >&"${to[$1]}"
  IFS= read -r -t 60 -u "${from[$1]}" answer || { echo "$1: $(cat "$sessions/$1.errors")" >&2; exit 1; }
}

rm -rf "$partial"
mkdir -p "$partial"
chmod 700 "$partial"
for database in "${databases[@]}"; do
  open "lock-$database" "$database"
  open "read-$database" "$database"
done

declare -A snapshot
for database in "${databases[@]}"; do
  ask "lock-$database" "begin; set local lock_timeout = '15s'; lock table fact, outbox, inbox, idempotency in share mode; select 'locked';"
done
for database in "${databases[@]}"; do
  ask "read-$database" "begin isolation level repeatable read read only; select pg_export_snapshot();"
  snapshot[$database]=$answer
done
for database in "${databases[@]}"; do
  ask "lock-$database" "commit; select 'free';"
done
taken=$(date -u +%Y-%m-%dT%H:%M:%SZ)

for database in "${databases[@]}"; do
  pg_dump --format=custom --snapshot="${snapshot[$database]}" --file="$partial/$database.dump" "$database"
  ask "read-$database" "commit; select 'done';"
done

(cd "$partial" && sha256sum -- *.dump >SHA256SUMS)
echo "$taken" >"$partial/taken-at"
mv "$partial" "$folder"
echo "$folder: ${#databases[@]} databases as of $taken, $(du -sh "$folder" | cut -f1)"
