//go:build unix

package storetest

import (
	"os/exec"
	"syscall"
)

func become(c *exec.Cmd, uid, gid uint32) {
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
}
