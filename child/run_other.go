//go:build !unix

package child

import "os/exec"

// ownGroup leaves the child alone where there are no process groups; the
// standard cancelling kills the child itself.
func ownGroup(*exec.Cmd) {}

// confinedTool leaves the command as it is where there are no such limits.
func confinedTool(_ int, name string, args []string) (string, []string) { return name, args }

// SmallStacks leaves the command as it is where there are no such limits.
func SmallStacks(name string, args []string) (string, []string) { return name, args }
