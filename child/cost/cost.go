//go:build unix

// Package cost measures, for tests, what a child takes: the most memory that it
// held, what it mapped, and its processor time, as the system counted them.
package cost

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"bonafide/child"
)

// word makes a test binary measure; see Main.
const word = "measure-a-child"

// Child is what one process took.
type Child struct {
	Exit   int           // its code; -1 where a signal ended it
	Held   int64         // bytes: the most that lay in memory at one time, the program itself included
	Mapped int64         // bytes of writable memory at its end, if it told (see Tell); 0 otherwise
	Time   time.Duration // of the processor
}

// Main measures and ends the program where it was started for that. TestMain calls it
// first. The system counts a child as at least as large as the process that
// started it, and a test may be large; one that does nothing but this is small.
func Main() {
	if len(os.Args) < 4 || os.Args[1] != word {
		return
	}
	var told bytes.Buffer
	code := 0
	if name, args := os.Args[3], os.Args[4:]; os.Args[2] == "tool" {
		_, _, err := child.Confined(context.Background(), child.Seconds, os.Stdin, name, args...)
		if err != nil {
			code = -1
		}
	} else {
		name, args = child.SmallStacks(name, args)
		cmd := exec.CommandContext(context.Background(), name, args...)
		cmd.Stdin, cmd.Stderr = os.Stdin, &told
		_ = cmd.Run() // its end is part of what is told
		code = cmd.ProcessState.ExitCode()
	}
	var mapped int64
	_, _ = fmt.Sscan(told.String(), &mapped) // one that was ended tells nothing, or why
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used); err != nil {
		os.Exit(1)
	}
	fmt.Println(code, used.Maxrss, mapped, (used.Utime.Nano()+used.Stime.Nano())/int64(time.Millisecond))
	os.Exit(0)
}

// Tell writes what this process has mapped (child.Mapped) to standard error, in KiB.
func Tell() { fmt.Fprintln(os.Stderr, child.Mapped()>>10) }

// Of runs a program as a decoding child and gives what it took.
func Of(t testing.TB, input []byte, name string, args ...string) Child {
	t.Helper()
	return measured(t, input, "child", name, args)
}

// OfTool runs a program of others as child.Confined does.
func OfTool(t testing.TB, input []byte, name string, args ...string) Child {
	t.Helper()
	return measured(t, input, "tool", name, args)
}

func measured(t testing.TB, input []byte, how, name string, args []string) Child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{word, how, name}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	var c Child
	var ms int64
	if _, scanned := fmt.Sscan(string(out), &c.Exit, &c.Held, &c.Mapped, &ms); err != nil || scanned != nil {
		t.Fatal(err, scanned, string(out))
	}
	c.Held, c.Mapped, c.Time = c.Held<<10, c.Mapped<<10, time.Duration(ms)*time.Millisecond
	return c
}
