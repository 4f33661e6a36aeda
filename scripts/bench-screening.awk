# Reads what the measuring program and the benchmarks of Go print and makes the
# table of the figures asked for. Recall and F1 are better high, the rest low.

function metric(unit,   i) { for (i = 2; i <= NF; i++) if ($i == unit) return $(i - 1); return "" }

/^ALL latin/ { atDefault = $6 }
/^ALL native/ { native = $4 }
/^ALL neg / { alarms = $6 }
/^ALL neg_dob/ { dob = $6 }
/^best F1 \(latin vs neg\)/ { for (i = 1; i < NF; i++) if ($i == "F1" && $(i + 1) ~ /^[0-9.]+$/) f1 = $(i + 1) }
/^recall\(latin\) at FPR<=0.0100/ { one = $4 }
/^recall\(latin\) at FPR<=0.0010/ { tenth = $4 }
/^labelled pairs:/ { pairs = $5 }
/requests failed/ { failed = $1 }
$1 == 1 && NF >= 6 && $2 ~ /^[0-9.]+$/ { if (part == "ceiling") bare1 = $2; else qps1 = $2 }
$1 == 8 && NF >= 6 && $2 ~ /^[0-9.]+$/ { if (part == "ceiling") bare8 = $2; else qps8 = $2 }
/^BenchmarkLoadOFAC/ { ofac = metric("ns/op") / 1e9 }
/^BenchmarkScale/ {
	p50 = metric("p50_µs") / 1000; p99 = metric("p99_µs") / 1000
	heap = metric("heap_MB"); rss = metric("rss_MB"); load = metric("load_s"); cpu = metric("load_cpu_s"); names = metric("names")
	saved = metric("saved_load_s"); file = metric("saved_MB"); savedHeap = metric("saved_heap_MB")
}

function row(what, peer, least, aim, got, high, suffix, made,   verdict) {
	if (got == "") verdict = "not measured"
	else if (made && names < 900000) verdict = "smaller list, no verdict"
	else if (high ? got >= aim : got <= aim) verdict = "aim reached"
	else if (high ? got >= least : got <= least) verdict = "asked reached"
	else verdict = "SHORT"
	printf "%-56s %10s %9s %9s %9s  %s\n", what, peer, least suffix, aim suffix, (got == "" ? "-" : got suffix), verdict
}

END {
	printf "\n%-56s %10s %9s %9s %9s\n", "", "watchman", "at least", "aim", "measured"
	row("recall, Latin, at <= 1 % false alarms", "0.77", 0.88, 0.93, one, 1)
	row("recall, Latin, at <= 0.1 % false alarms", "0.68", 0.83, 0.89, tenth, 1)
	row("best F1, Latin", "0.869", 0.93, 0.95, f1, 1)
	row("recall@1, native scripts", "0.00", 0.72, 0.85, native, 1)
	row("wrong birth date alerting at the default threshold", "42-100 %", 0.01, 0, dob, 0)
	row("best F1, labelled pairs", "0.72", 0.81, 0.86, pairs, 1)
	row("recall, Latin, at the default threshold", "none", 0.87, 0.90, atDefault, 1)
	row("false alarms at the default threshold", "none", 0.01, 0.005, alarms, 0)
	row("one query, p50", "3.7 ms", 0.5, 0.2, p50, 0, " ms", 1)
	row("one query, p99", "290 ms", 1.5, 0.8, p99, 0, " ms", 1)
	row("HTTP, OFAC, 1 client, queries a second", "181", 4000, 6000, qps1, 1)
	row("HTTP, OFAC, 8 clients, queries a second", "240", 6500, 10000, qps8, 1)
	row("memory of the made list: heap, nothing mapped", "2300 MB", 200, 140, heap, 0, " MB", 1)
	row("memory of the made list: resident under load", "6800 MB", 400, 250, rss, 0, " MB", 1)
	row("load of the made list from its source, all cores", "49 s", 6, 3, load, 0, " s", 1)
	row("load of the made list from its saved index", "none", 0.3, 0.3, saved, 0, " s", 1)
	row("load of the OFAC native files", "1.4 s", 0.5, 0.2, ofac, 0, " s")
	if (bare1 != "") printf "\nA server that does nothing but send one stored answer reaches %d queries a second with 1 client and %d with 8 of this client on this machine now: of %d and %d µs a query, %d and %d are not ours.\n", bare1, bare8, 1e6 / qps1, 2e6 / qps8, 1e6 / bare1, 2e6 / bare8
	if (file != "") printf "\nThe saved index of the made list has %d MB, which are mapped; the heap beside it has %.1f MB. Resident memory is that of a process that opened it and was asked 5,000 times.\n", file, savedHeap
	if (cpu != "") printf "Its load from the source took %.1f s of processor time.\n", cpu
	if (names != "") printf "\nThe made list has %d names; watchman's times of one query are of HTTP with a million entities.\n", names
	if (failed != "") printf "%d queries of the benchmark have no word that identifies anybody and were refused; they count as not found.\n", failed
}
