package upkeep

import (
	"context"
	"runtime/debug"
	"time"
)

// How a process comes to rest: start-up (migrations, the API's documents,
// hashing of passwords) and reading of papers need memory that an idle
// process does not. Go gives it back over minutes, the pages of the program
// itself stay mapped for ever. Rest gives both back as soon as the process has
// been quiet for one look, and now and then while it stays quiet, which costs
// some 15 ms of processor time each.
const (
	// RestEvery is the time between two looks of [Rest] in a server.
	RestEvery = 3 * time.Second

	restBelow = 0.05 // of one core, on average between two looks
	restAgain = 10   // quiet looks
)

// Rest looks at the process's own processor time every so often until the
// context ends, and calls giveBack where the process was quiet in between.
func Rest(ctx context.Context, every time.Duration, giveBack func()) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	quiet, before := 0, processorTime()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		used := processorTime() - before
		before += used
		if used > time.Duration(restBelow*float64(every)) {
			quiet = 0
			continue
		}
		if quiet%restAgain == 0 {
			giveBack()
			before = processorTime()
		}
		quiet++
	}
}

// mayHold is more of the program than a process uses that has nothing to do, which
// is 20 to 30 MB.
const mayHold = 48 << 20

// Giver makes the function for [Rest] that returns to the operating system what start-up
// and work have left. It has the program file read anew at most twice in the
// life of a process: after start-up, and once more if that did not help, because
// the file was just written.
func Giver() func() {
	left := 2
	return func() {
		debug.FreeOSMemory()
		if held := unmapProgram(); held > mayHold && left > 0 {
			left--
			forgetProgram()
		}
	}
}
