package main

import "runtime/debug"

// version is set by the release build (-ldflags "-X main.version=…").
var version = "0.1.0-dev"

type versionCmd struct{}

// Run prints the version and the revision the binary was built from.
func (versionCmd) Run(c *console) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	c.printf("bonafide %s%s\n", version, revision)
	return nil
}
