//go:build unix

package document

import (
	"os/exec"
	"syscall"
)

// ownGroup puts the child into a process group of its own and makes
// cancelling kill that group.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
