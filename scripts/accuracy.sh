#!/usr/bin/env bash
# Prints the figures of docs/accuracy.md, one line each:
#   accuracy: <figure> = <value> (asked <value>)
# They come from the tests TestAccuracy… of the rooms below, which measure on
# the data folder (../shared/data, or BONAFIDE_DATA_FOLDER). Every room listed
# defines the flag -accuracy. One processor, as the figures are stated. A room
# whose figures fall short, or of which a test was skipped, fails the command at
# its end, after all rooms have printed theirs. Times are the processor's, as
# median or as the least of several runs, so that other programs do not decide.
set -euo pipefail
cd "$(dirname "$0")/.."

rooms=(
	./face
	./check
	./document
	./chip
)

echo "== machine"
echo "$(nproc) cores, $(awk -F: '/model name/{print $2; exit}' /proc/cpuinfo | sed 's/^ *//'), $(go version | cut -d' ' -f3), $(uname -sr), load $(cut -d" " -f1 /proc/loadavg)"
short=()
for room in "${rooms[@]}"; do
	echo "== $room"
	# -p 1 and one processor: nothing else of ours runs meanwhile.
	if out=$(GOMAXPROCS=1 go test "$room" -count=1 -run Accuracy -accuracy -v -timeout 30m 2>&1); then
		grep -o 'accuracy: .*' <<<"$out" || true
		# What was not measured is no figure that was reached.
		if grep -B1 -- '--- SKIP' <<<"$out" >&2 || ! grep -q 'accuracy: ' <<<"$out"; then
			short+=("$room")
		fi
	else
		echo "$out" >&2
		short+=("$room")
	fi
done
if [ "${#short[@]}" -gt 0 ]; then
	echo "figures fall short or could not be measured in: ${short[*]}" >&2
	exit 1
fi
