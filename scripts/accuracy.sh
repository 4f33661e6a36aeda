#!/usr/bin/env bash
# Prints the figures of docs/accuracy.md, one line each:
#   accuracy: <figure> = <value> (asked <value>)
# They come from the tests TestAccuracy… of the rooms below, which measure on
# the data folder (../shared/data, or BONAFIDE_DATA_FOLDER). Every room listed
# defines the flag -accuracy. One processor, as the figures are stated.
set -euo pipefail
cd "$(dirname "$0")/.."

rooms=(
	./face
	./check
	./document
	./chip
)

echo "== machine"
echo "$(nproc) cores, $(awk -F: '/model name/{print $2; exit}' /proc/cpuinfo | sed 's/^ *//'), $(go version | cut -d' ' -f3), $(uname -sr)"
for room in "${rooms[@]}"; do
	echo "== $room"
	# -p 1 and one processor: nothing else of ours runs meanwhile.
	if ! out=$(GOMAXPROCS=1 go test "$room" -count=1 -run Accuracy -accuracy -v -timeout 30m 2>&1); then
		echo "$out" >&2
		exit 1
	fi
	grep -o 'accuracy: .*' <<<"$out" || { echo "$out" | grep -- '--- SKIP' -A1 >&2; exit 1; }
done
