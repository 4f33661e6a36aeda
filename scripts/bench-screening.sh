#!/usr/bin/env bash
# Measures the screening against the labelled benchmark of the team's data
# folder (development half) and prints its figures beside those asked for and
# those of moov-io/watchman, measured in design/screening.md. A figure that
# falls short is printed as such; only a measurement that fails ends in error.
#
#   BONAFIDE_DATA_FOLDER  data folder    (default ../shared/data)
#   BONAFIDE_TOOLS        tools folder   (default ../shared/tools)
#   ENTITIES              size of the made list (default 532000: a million names)
#   SECONDS_EACH          seconds of load for each number of clients (default 8)
set -euo pipefail
cd "$(dirname "$0")/.."

data=$(realpath -m "${BONAFIDE_DATA_FOLDER:-../shared/data}")
tools=$(realpath -m "${BONAFIDE_TOOLS:-../shared/tools}")
dev=$data/screening-bench/dev
index=$data/screening-bench/index
if [ ! -f "$dev/cases.jsonl" ] || [ ! -d "$tools/screenbench" ]; then
	echo "The labelled benchmark ($dev) or the measuring program ($tools/screenbench) is not here; nothing was measured."
	echo "Set BONAFIDE_DATA_FOLDER and BONAFIDE_TOOLS to folders that have them."
	exit 0
fi

temp=$(mktemp -d)
server=
stop() {
	if [ -n "$server" ]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
		server=
	fi
}
trap 'stop; rm -rf "$temp"' EXIT
go build -C "$tools/screenbench" -buildvcs=false -o "$temp/screenbench" .

import() { ./bonafide --data "$temp/$1" lists import --source "$2" --list "$3" "${@:4}"; }
import_ofac() { import "$1" ofac_sdn ofac "$index"/ofac/{sdn,alt,add,sdn_comments}.csv.gz; }

# start DATA begins a server on a free port and sets url and key.
start() {
	./bonafide --data "$temp/$1" serve --dev --addr 127.0.0.1:0 --rate-keys 1000000/s,1000000 >"$temp/$1.log" 2>&1 &
	server=$!
	for _ in $(seq 150); do
		url=$(sed -n 's/^ *"url": "\(.*\)",$/\1/p' "$temp/$1/dev.json" 2>/dev/null || true)
		if [ -n "$url" ] && curl -sf -m 5 "$url/readyz" >/dev/null; then
			key=$(sed -n 's/^ *"sandbox_key": "\(.*\)",$/\1/p' "$temp/$1/dev.json" | head -1)
			return
		fi
		kill -0 "$server" 2>/dev/null || break
		sleep 0.2
	done
	echo "the server did not become ready:" >&2
	cat "$temp/$1.log" >&2
	return 1
}

threshold=$(sed -n 's/^const DefaultThreshold = //p' screen/query.go)

echo "== machine"
echo "$(nproc) cores, $(awk '/MemTotal/{printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(go version | cut -d' ' -f3), $(uname -sr), load $(cut -d' ' -f1 /proc/loadavg)"
echo "== lists of the benchmark"
import six un un "$index/un/un_consolidated.xml.gz"
import_ofac six
for l in eu pep wd pairs; do import six ftm "$l" "$index/$l/entities.ftm.json.gz"; done
echo "== accuracy over HTTP, development half"
start six
"$temp/screenbench" accuracy -adapter ours -url "$url" -token "$key" -cases "$dev/cases.jsonl,$dev/negatives.jsonl" -thresholds "$threshold" 2>/dev/null | tee "$temp/accuracy.txt"
stop
echo "== load over HTTP, OFAC only"
import_ofac ofac
start ofac
"$temp/screenbench" load -adapter ours -url "$url" -token "$key" -cases "$dev/cases.jsonl" -lists ofac -clients 1,8 -seconds "${SECONDS_EACH:-8}" | tee "$temp/load.txt"
echo "== the same load on a bare server that sends one of these answers and does nothing"
curl -sf -m 5 -H "Authorization: Bearer $key" -H 'Content-Type: application/json' \
	-d '{"name":"Viktor Anatolyevich Bout","type":"person","lists":["ofac"],"limit":10}' "$url/api/v1/screening/match" -o "$temp/answer.json"
port=${url##*:}
stop
go build -o "$temp/ceiling" scripts/ceiling.go
"$temp/ceiling" "127.0.0.1:$port" "$temp/answer.json" &
server=$!
for _ in $(seq 50); do
	curl -s -m 1 -o /dev/null "http://127.0.0.1:$port/" && break
	sleep 0.1
done
"$temp/screenbench" load -adapter ours -url "http://127.0.0.1:$port" -token none -cases "$dev/cases.jsonl" -lists ofac -clients 1,8 -seconds "${SECONDS_EACH:-8}" | tee "$temp/ceiling.txt"
stop
echo "== loading the OFAC files"
go test ./screen -run '^$' -bench LoadOFAC -benchtime 5x | tee "$temp/ofac.txt"
if command -v python3 >/dev/null && [ -f "$tools/gen_scale.py" ] && [ -f "$data/names/parts.json.gz" ]; then
	echo "== a made list of many names, in process, one core"
	python3 "$tools/gen_scale.py" "$data/names/parts.json.gz" "${ENTITIES:-532000}" "$temp/scale"
	BONAFIDE_SCALE=$temp/scale GOMAXPROCS=1 go test ./screen -run '^$' -bench Scale -benchtime 5000x | tee "$temp/scale.txt"
else
	echo "python3, gen_scale.py or the name parts are not here; the made list was not measured."
	: >"$temp/scale.txt"
fi

awk -f scripts/bench-screening.awk "$temp/accuracy.txt" "$temp/load.txt" part=ceiling "$temp/ceiling.txt" part= "$temp/ofac.txt" "$temp/scale.txt"
