//go:build !linux

package main

import "time"

// unmapProgram is left to the operating system.
func unmapProgram() {}

// processorTime is not known here: every look is a quiet one.
func processorTime() time.Duration { return 0 }
