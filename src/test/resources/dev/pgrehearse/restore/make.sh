#!/bin/sh
# Makes the dumps beside this file again, with the PostgreSQL 15 of Debian 12 (or that in PGBIN), as any user but root.
# Not needed to run the tests: they use what is checked in.
set -eu
bin=${PGBIN:-/usr/lib/postgresql/15/bin}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
out=${1:-$here}
trap '"$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1; rm -rf "$work"' EXIT
"$bin/initdb" -D "$work/data" -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
"$bin/pg_ctl" -D "$work/data" -w -o "-c listen_addresses='' -c unix_socket_directories=$work" -l "$work/log" start >/dev/null
export PGHOST="$work" PGUSER=postgres
"$bin/psql" -X -q -v ON_ERROR_STOP=1 -d postgres -f "$here/shop.sql" 2>/dev/null
"$bin/pg_dump" -Fc -f "$out/shop.dump" shop
rm -rf "$out/shop.dir"
"$bin/pg_dump" -Fd -f "$out/shop.dir" shop
"$bin/pg_dump" -Ft -f "$out/shop.tar" shop
"$bin/pg_dump" -Fp -f "$out/shop.plain.sql" shop
"$bin/pg_dump" -Fp -C -f "$out/created.plain.sql" shop
