//go:build !linux

package upkeep

import "time"

// unmapProgram is left to the operating system.
func unmapProgram() uint64 { return 0 }

// forgetProgram is not needed here.
func forgetProgram() {}

// processorTime is not known here: every look is a quiet one.
func processorTime() time.Duration { return 0 }
