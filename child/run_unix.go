//go:build unix

package child

import (
	"fmt"
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
