#!/usr/bin/env bash
# Memory and processor time of an idle server without watchlists, on SQLite and
# on PostgreSQL:   scripts/idle.sh [SECONDS] [BINARY]
# Resident memory is what ps shows; "own" is the part that is not the program
# file itself. Processor time is of all threads, in percent of one core.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
bin=${2:-./bonafide}
hz=$(getconf CLK_TCK)
cluster=
pid=
data=
cleanup() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	[ -z "$cluster" ] || scripts/postgres.sh stop "$cluster"
	[ -z "$data" ] || rm -rf "$data"
}
trap cleanup EXIT
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{print $12+$13}'; }
kb() { awk -v k="$2:" '$1 == k {print $2}' "/proc/$1/status"; }
measure() { # store name, flags…
	name=$1
	shift
	data=$(mktemp -d)
	"$bin" serve --dev --addr 127.0.0.1:0 --data "$data" "$@" >"$data/log" 2>&1 &
	pid=$!
	until grep -q 'listens on' "$data/log"; do
		kill -0 "$pid" || { cat "$data/log" >&2; exit 1; }
		sleep 0.1
	done
	sleep 10 # start-up is not idling
	before=$(ticks "$pid")
	sleep "$seconds"
	after=$(ticks "$pid")
	awk -v n="$name" -v rss="$(kb "$pid" VmRSS)" -v own="$(kb "$pid" RssAnon)" -v t=$((after - before)) -v hz="$hz" -v s="$seconds" \
		'BEGIN{printf "%-10s %5.1f MB resident (%.1f MB own), %.2f %% of a core over %d s\n", n, rss/1024, own/1024, 100*t/hz/s, s}'
	kill "$pid"
	wait "$pid"
	pid=
	rm -rf "$data"
	data=
}
measure sqlite
if cluster=$(scripts/postgres.sh start); then
	measure postgres --database "$(scripts/postgres.sh url "$cluster")"
fi
