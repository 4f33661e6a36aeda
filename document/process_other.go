//go:build !unix

package document

import "os/exec"

// ownGroup leaves the child alone where there are no process groups; the
// standard cancelling kills the child itself.
func ownGroup(*exec.Cmd) {}
