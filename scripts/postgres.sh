#!/usr/bin/env bash
# A private PostgreSQL cluster in a temporary folder.
#   scripts/postgres.sh start        prints the folder
#   scripts/postgres.sh url FOLDER   prints its URL
#   scripts/postgres.sh stop FOLDER
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || echo /)")
as() { if [ "$(id -u)" -eq 0 ]; then su postgres -s /bin/bash -c "$*"; else bash -c "$*"; fi; }
case "${1:-}" in
start)
	[ -x "$bin/initdb" ] || { echo "PostgreSQL is not installed; it is left out" >&2; exit 1; }
	dir=$(mktemp -d /tmp/bonafide-pg-XXXXXX)
	[ "$(id -u)" -ne 0 ] || chown postgres "$dir"
	chmod 755 "$dir"
	port=$((20000 + RANDOM % 20000))
	as "$bin/initdb -D $dir/data -U bonafide --auth=trust >/dev/null"
	as "$bin/pg_ctl -D $dir/data -w -o '-p $port -k $dir -c listen_addresses=127.0.0.1 -c shared_buffers=1GB -c max_wal_size=4GB -c min_wal_size=1GB' -l $dir/log start >/dev/null"
	echo "$port" > "$dir/port"
	as "$bin/createdb -h 127.0.0.1 -p $port -U bonafide bench"
	# A server that has been in use writes its log into old files. A new one
	# makes a file of 16 MB every second under load, and every commit waits for
	# that (15 ms here), so it is given its gigabyte of old files now.
	for _ in {1..66}; do echo "SELECT pg_logical_emit_message(false, 'warm', 'up'), pg_switch_wal();"; done |
		"$bin/psql" -qAt -o /dev/null -h 127.0.0.1 -p "$port" -U bonafide -d bench
	"$bin/psql" -q -h 127.0.0.1 -p "$port" -U bonafide -d bench -c CHECKPOINT
	echo "$dir"
	;;
url) echo "postgres://bonafide@127.0.0.1:$(cat "$2/port")/bench" ;;
stop)
	as "$bin/pg_ctl -D $2/data -m fast stop >/dev/null" || true
	rm -rf "$2"
	;;
*) echo "usage: scripts/postgres.sh start | url FOLDER | stop FOLDER" >&2; exit 2 ;;
esac
