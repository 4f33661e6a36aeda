package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"bonafide/chip"
	"bonafide/kyc"
)

type nfcCmd struct {
	Verify nfcVerifyCmd `cmd:"" help:"Passive authentication of chip files."`
}

type nfcVerifyCmd struct {
	SOD   string   `name:"sod" help:"EF.SOD." type:"existingfile" required:""`
	DG    []string `name:"dg" help:"EF.DG files; the first byte says which one each is."  type:"existingfile"`
	More  []string `arg:"" optional:"" help:"More EF.DG files." type:"existingfile"`
	Trust string   `help:"Master list, certificate or a folder of them (default: DATA/trust). The certificate of a list's publisher must lie beside it." type:"path"`
	JSON  bool     `help:"One JSON object."`
}

// chipAnswer is what the command prints.
type chipAnswer struct {
	Authentic bool              `json:"authentic"`
	Reasons   []string          `json:"reasons"`
	Fields    map[string]string `json:"fields"`
	// Status is ok, not_configured (no certificate) or stale.
	Status           kyc.AnswerStatus `json:"status"`
	ChipAuthenticity string           `json:"chip_authenticity"`
	DataGroups       []int            `json:"data_groups"`
	Trust            chip.TrustState  `json:"trust"`
}

// Run prints what passive authentication finds; exit 1 when the files are not
// authentic or nobody can tell.
func (n nfcVerifyCmd) Run(ctx context.Context, c *console, g *Globals) error {
	files, err := n.files()
	if err != nil {
		return err
	}
	o := chip.Options{Now: time.Now().UTC()}
	folder := g.trustDir()
	if n.Trust != "" {
		if _, err := os.Stat(n.Trust); err != nil {
			return exitCode{exitUsage, fmt.Errorf("--trust %s: there is no such file or folder", n.Trust)}
		}
		// Who names a list vouches for its age, which is printed.
		folder, o.MaxAge = n.Trust, 100*365*24*time.Hour
	}
	report := chip.NewTrust(folder).Verify(ctx, files, o)
	answer := chipAnswer{Authentic: report.Authentic, Reasons: []string{}, Fields: map[string]string{}, Status: report.Status,
		ChipAuthenticity: report.ChipAuthenticity, DataGroups: report.Given, Trust: report.Trust}
	for _, f := range report.Fields {
		answer.Fields[f.Name] = f.Value
	}
	for _, r := range report.Reasons {
		if r.Code != "passive_authentication_passed" {
			answer.Reasons = append(answer.Reasons, r.Code)
		}
	}
	if n.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(answer); err != nil {
			return err
		}
	} else {
		n.print(c, report)
	}
	if !report.Authentic {
		return exitCode{code: exitError}
	}
	return nil
}

// files reads the files. One that is no data group is handed on, so that the
// answer names it.
func (n nfcVerifyCmd) files() (chip.Files, error) {
	out := chip.Files{DataGroups: map[int][]byte{}}
	var err error
	if out.SOD, err = os.ReadFile(n.SOD); err != nil {
		return out, err
	}
	for _, file := range append(n.DG, n.More...) {
		raw, err := os.ReadFile(file)
		if err != nil {
			return out, err
		}
		number := chip.DataGroupOf(raw)
		if _, twice := out.DataGroups[number]; twice {
			return out, exitCode{exitUsage, fmt.Errorf("%s: a file of data group %d was given before", file, number)}
		}
		out.DataGroups[number] = raw
	}
	return out, nil
}

func (n nfcVerifyCmd) print(c *console, report chip.Report) {
	switch {
	case report.Authentic:
		c.printf("authentic: the state's signature over the chip's data verifies (that the chip is no copy is not proven)\n")
	case report.Status != kyc.StatusOK:
		c.printf("not verified: %s\n", report.Status)
	default:
		c.printf("not authentic\n")
	}
	for _, r := range report.Reasons {
		if r.Code != "passive_authentication_passed" {
			c.printf("  %-8s %s: %s\n", r.Severity, r.Code, r.Message)
		}
	}
	for _, f := range report.Fields {
		c.printf("  %s: %s\n", strings.ReplaceAll(f.Name, "_", " "), f.Value)
	}
	asOf := "no master list"
	if !report.Trust.AsOf.IsZero() {
		asOf = "as of " + report.Trust.AsOf.Format(time.DateOnly)
	}
	c.printf("trust: %d certificates of %d states, %s\n", report.Trust.Certificates, len(report.Trust.Countries), asOf)
	for _, p := range report.Trust.Problems {
		c.printf("  %s: %s\n", p.File, p.Message)
	}
}
