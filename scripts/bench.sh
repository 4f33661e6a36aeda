#!/usr/bin/env bash
# Prints the figures of docs/benchmarks.md. PostgreSQL is measured on a
# private cluster in a temporary folder, when it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "== machine"
echo "$(nproc) cores, $(awk '/MemTotal/{printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(go version | cut -d' ' -f3), $(uname -sr)"

url=
cluster=
cleanup() { [ -z "$cluster" ] || scripts/postgres.sh stop "$cluster"; }
trap cleanup EXIT
if cluster=$(scripts/postgres.sh start); then
	url=$(scripts/postgres.sh url "$cluster")
fi

echo "== engine: bonafide bench engine"
./bonafide bench engine ${url:+--database "$url"}

echo "== reading a passport photo of 2 megapixels, one core"
GOMAXPROCS=1 taskset -c 0 go test ./document -run '^$' -bench Passport -benchtime 5x
echo "== one screening"
go test ./screen -run '^$' -bench Screening -benchtime 500x
echo "== compiling a graph"
go test ./flow -run '^$' -bench . -benchtime 1s
