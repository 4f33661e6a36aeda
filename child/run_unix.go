//go:build unix

package child

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup puts the child into a process group of its own and makes
// cancelling kill that group.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// confinedTool is the command that runs a program with the memory of the
// decoding child and so many seconds of processor time. The shell sets them (POSIX ulimit; -d counts what is really
// writable, as Confine does) and becomes the program. A limit that it may not
// set is tighter already.
func confinedTool(seconds int, name string, args []string) (string, []string) {
	script := fmt.Sprintf(`ulimit -d %d; ulimit -t %d; ulimit -c 0; exec "$0" "$@"`, Memory>>10, seconds)
	return "/bin/sh", append([]string{"-c", script, name}, args...)
}

// stackKB is the size of a thread's stack in a child of SmallStacks.
const stackKB = 512

// SmallStacks is the command that runs a program with threads whose stacks take
// half a megabyte. The limit on writable memory counts the whole stack of a
// thread, which is 8 MB otherwise, and a Go program has more threads on a busy
// machine than on an idle one: without this a picture fits into the limit by
// chance. The stack's limit must stand before a program begins, so that a shell
// sets it and becomes the program. Where there is no shell the command stays as
// it is.
func SmallStacks(name string, args []string) (string, []string) {
	const shell = "/bin/sh"
	if _, err := os.Stat(shell); err != nil {
		return name, args
	}
	script := fmt.Sprintf(`ulimit -S -s %d; exec "$0" "$@"`, stackKB)
	return shell, append([]string{"-c", script, name}, args...)
}
