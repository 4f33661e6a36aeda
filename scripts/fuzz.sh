#!/usr/bin/env bash
# Runs the fuzz targets one after the other, each for FUZZTIME (60s), and says at the
# end which of them found something. `go test` has written what was found to
# testdata/fuzz of its room by then, where every run of the tests tries it again.
#   ROOMS="document chip"  only those of some rooms
#   FUZZ=FuzzPDF           only those of a name
set -uo pipefail
cd "$(dirname "$0")/.."

found=()
ran=0
for room in $(git grep -lE '^func Fuzz[A-Z]' -- '*_test.go' | xargs -n1 dirname | sort -u); do
	if [ -n "${ROOMS:-}" ] && ! grep -qwF -- "$room" <<<"${ROOMS// /$'\n'}"; then
		continue
	fi
	for target in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$room"/*_test.go | cut -d' ' -f2 | sort); do
		if [ -n "${FUZZ:-}" ] && [ "$target" != "$FUZZ" ]; then
			continue
		fi
		echo "== $room $target"
		ran=$((ran + 1))
		if ! go test "./$room" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-60s}" -fuzzminimizetime 10x; then
			found+=("$room $target")
		fi
	done
done
if [ "${#found[@]}" -gt 0 ]; then
	printf 'found something: %s\n' "${found[@]}" >&2
	exit 1
fi
if [ "$ran" -eq 0 ]; then
	echo "there is no such target" >&2
	exit 1
fi
echo "$ran targets found nothing"
