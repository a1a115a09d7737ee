#!/bin/sh
# As the official image: the first start makes a cluster from POSTGRES_USER, POSTGRES_PASSWORD and
# POSTGRES_DB; then the server runs in the foreground, with the arguments it was given.
set -eu

case "${1:-postgres}" in
postgres) [ $# -eq 0 ] || shift ;;
-*) ;;
*) exec "$@" ;;
esac

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

make_cluster() {
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "set POSTGRES_PASSWORD to a non-empty value" >&2
        exit 1
    fi
    secret=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$secret"
    # Nothing in a new cluster is worth waiting for the disk.
    initdb --pgdata="$PGDATA" --username="$user" --pwfile="$secret" --encoding=UTF8 \
        --locale=C.UTF-8 --auth-host=scram-sha-256 --auth-local=trust --no-sync >/dev/null
    rm -f "$secret"
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    if [ "$database" != postgres ]; then
        # Single-user mode: no server is up before the database is there.
        printf 'CREATE DATABASE "%s"\n' "$database" |
            postgres --single -D "$PGDATA" postgres >/dev/null
    fi
}

[ -s "$PGDATA/PG_VERSION" ] || make_cluster
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql "$@"
