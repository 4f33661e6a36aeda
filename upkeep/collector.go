package upkeep

import (
	"os"
	"runtime"
	"runtime/debug"
)

// headroom is how much garbage may gather before it is collected, while the
// heap itself is small.
const headroom = 64 << 20

// TuneCollector lets garbage gather up to the headroom instead of up to the
// size of what is alive. The engine's live heap is a dozen megabytes, so at
// Go's default it would be collected a hundred times a second under load: a
// fifth of the processor time of a session (measured with bonafide bench
// engine). Large watchlists bring the percentage back to Go's own. An
// operator's GOGC stays in force. Called once the lists are loaded.
func TuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	percent := headroom * 100 / max(int(m.HeapAlloc), 1)
	debug.SetGCPercent(min(max(percent, 100), 400))
}

// CollectOften keeps together what stays of a process that is being made: much
// garbage arises between the little that stays, and a page of which a part stays
// cannot be given back. TuneCollector ends it.
func CollectOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}
}
