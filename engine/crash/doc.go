// Package crash holds the tests that need real stores and real processes: the
// crash suite (a child process is killed with SIGKILL again and again), the
// stealing test, and the engine's benchmark. It is no part of the program.
package crash
