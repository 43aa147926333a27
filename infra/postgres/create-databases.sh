#!/bin/sh
# One database a service, each with an owner of its own that can reach no other. Does nothing for those that are there,
# so a service that a later version adds gets its database too.
#
# PGHOST, PGUSER: the server and its superuser. SECRETS: a directory with the superuser's password in `superuser` and
# each owner's in `owners/<name>`; a service's database is called like its owner.
set -eu
PGPASSWORD=$(cat "$SECRETS/superuser")
export PGPASSWORD

for file in "$SECRETS"/owners/*; do
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname postgres \
    --set name="$(basename "$file")" --set password="$(cat "$file")" <<'SQL'
select format('create role %I login', :'name')
 where not exists (select from pg_roles where rolname = :'name') \gexec
select format('alter role %I password %L', :'name', :'password') \gexec
select format('create database %I owner %I', :'name', :'name')
 where not exists (select from pg_database where datname = :'name') \gexec
select format('revoke all on database %I from public', :'name') \gexec
SQL
  echo "Database $(basename "$file") is there."
done
