package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"bonafide/kyc"
	"bonafide/provider"
)

// providersCmd is `bonafide providers`.
type providersCmd struct {
	Status providersStatusCmd `cmd:"" help:"Which services this node can ask, and what they can answer; nothing is asked."`
	Schema providersSchemaCmd `cmd:"" help:"Print the protocol of providers called http as JSON Schema."`
}

type providersStatusCmd struct{}

// Run prints one line for each provider.
func (providersStatusCmd) Run(g *Globals) error {
	r, err := newProviders(g, kyc.SystemClock(), http.DefaultClient, nil)
	if err != nil {
		return err
	}
	for _, c := range r.Capabilities() {
		line := fmt.Sprintf("%-16s %s", c.Name, strings.Join(c.Kinds, ", "))
		switch {
		case !c.Available:
			line += "; not set up: " + c.Install
		case c.Version != "":
			line += "; " + c.Version
		}
		fmt.Println(line)
	}
	return nil
}

type providersSchemaCmd struct{}

// Run prints the schema.
func (providersSchemaCmd) Run() error {
	_, err := os.Stdout.Write(provider.Schema())
	return err
}
