package main

import (
	"encoding/json"
	"errors"
	"runtime/debug"
)

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

// errNotConfigured is what a command answers whose engine this build does not
// have. It is an answer, not a crash: scripts see the same status a check
// would have.
var errNotConfigured = errors.New("this build has no face engine yet; the checks face_match, liveness and age_estimation answer not_configured")

type faceCmd struct {
	Compare struct {
		A    string `arg:"" help:"First image." type:"existingfile"`
		B    string `arg:"" help:"Second image." type:"existingfile"`
		JSON bool   `help:"One JSON object."`
	} `cmd:"" help:"Similarity of two faces."`
}

// Run answers not_configured, like the check.
func (f faceCmd) Run(c *console) error {
	return notConfigured(c, f.Compare.JSON, map[string]any{"similarity": nil, "cosine": nil, "faces": []any{}, "model": nil, "status": "not_configured"})
}

func notConfigured(c *console, asJSON bool, answer map[string]any) error {
	if !asJSON {
		return errNotConfigured
	}
	if err := json.NewEncoder(c.out).Encode(answer); err != nil {
		return err
	}
	return exitCode{code: exitError}
}
