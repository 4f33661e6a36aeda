package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bonafide/check"
	"bonafide/chip"
	"bonafide/document"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/imagefile"
	"bonafide/kyc"
	"bonafide/provider"
	"bonafide/screen"
	"bonafide/webhook"
)

type verifyCmd struct {
	Workflow string   `help:"Definition file, or the name or id of a published workflow in the store." required:""`
	Document []string `help:"TYPE=FILE: passport, id_card, visa, document_back, selfie, liveness, proof_of_address …; face is another photograph of the applicant, which is compared with the selfie and decides nothing." placeholder:"TYPE=FILE"`
	Field    []string `help:"KEY=VALUE of the form: first_name, last_name, date_of_birth …" placeholder:"KEY=VALUE"`
	Country  string   `help:"Country of the applicant, ISO 3166-1 alpha-2."`
	JSON     bool     `help:"One JSON object."`
}

// Run carries one applicant through a workflow with the live checks of this
// machine. Nothing is stored. Exit 0 approved, 3 needs review, 4 rejected.
func (v verifyCmd) Run(ctx context.Context, c *console, g *Globals) error {
	d, err := v.definition(ctx, g)
	if err != nil {
		return err
	}
	compiled, report := d.compile()
	if err := report.Err(); err != nil {
		return err
	}
	files, err := v.files()
	if err != nil {
		return err
	}
	fields, err := pairs(v.Field, "--field")
	if err != nil {
		return err
	}
	lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	reader := newReader(g)
	defer func() { _ = reader.Close() }() // it was only read with
	if files.holdPDF() {
		if err := reader.Prepare(ctx); err != nil { // no check waits for it then
			return err
		}
	}
	faces := newFaces(g)
	defer faces.Close()
	own := &provider.Router{Local: provider.Local{Comparer: faces, AgeEstimator: faces, Spoofing: faces, Encoder: faces}}
	// The customer's own lists, earlier sessions and secrets live in a store;
	// checks that need them answer not_configured here.
	menu, err := check.New(kyc.SystemClock(), check.All(check.Deps{Clock: kyc.SystemClock(), Documents: reader, Traces: reader, Blobs: files, Screener: lists,
		Faces: own, Pictures: reader, Films: faces, Portraits: faces, HTTP: guardedClient(), Chips: chip.NewTrust(g.trustDir())}), nil)
	if err != nil {
		return err
	}
	view, err := walk(ctx, compiled, menu, files, fields, v.Country)
	if err != nil {
		return err
	}
	alike := files.compare(ctx, reader, faces)
	if v.JSON {
		out := verification(d, view)
		if len(alike) > 0 {
			out["faces"] = alike
		}
		err = json.NewEncoder(c.out).Encode(out)
	} else {
		printView(c, d.Name, view, alike)
	}
	if err != nil {
		return err
	}
	switch view.Run.Outcome {
	case kyc.Approved:
		return nil
	case kyc.Rejected:
		return exitCode{code: exitRejected}
	case kyc.NeedsReview:
		return exitCode{code: exitReview}
	}
	return fmt.Errorf("the run ended as %s without an outcome", view.Run.Status)
}

// guardedClient is for http checks; a command line reaches public addresses
// only, as a server does without --webhook-allow.
func guardedClient() *http.Client { return webhook.NewGuard(nil, false).Client(60 * time.Second) }

// definition reads the workflow from a file or from the store.
func (v verifyCmd) definition(ctx context.Context, g *Globals) (definition, error) {
	if _, err := os.Stat(v.Workflow); err == nil {
		return readDefinition(v.Workflow)
	}
	db, err := lookAtStore(ctx, g, kyc.SystemClock(), slog.New(slog.DiscardHandler))
	if err != nil {
		return definition{}, fmt.Errorf("there is no file %s, and the store cannot be asked for a workflow of that name: %w", v.Workflow, err)
	}
	defer func() { _ = db.Close() }() // it was only read from
	orgs, err := db.Orgs(ctx)
	if err != nil {
		return definition{}, err
	}
	id, isID := kyc.Undress("workflow", v.Workflow)
	for _, org := range orgs {
		for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
			t := kyc.Tenant{Org: org.ID, Env: env}
			list, _, err := db.Workflows(ctx, t, kyc.WorkflowFilter{Status: kyc.WorkflowPublished}, kyc.Page{Limit: 1000})
			if err != nil {
				return definition{}, err
			}
			for _, w := range list {
				if (isID && w.ID == id) || strings.EqualFold(w.Name, v.Workflow) || (w.Slug != "" && w.Slug == v.Workflow) {
					version, err := db.Version(ctx, t, w.ID, w.Published)
					if err != nil {
						return definition{}, err
					}
					return parseDefinition(w.Name, version.Source)
				}
			}
		}
	}
	return definition{}, fmt.Errorf("there is no file and no published workflow %q", v.Workflow)
}

// evidence are the files of the command line, found by their upload's key.
type evidence struct {
	uploads []kyc.Upload
	bytes   map[string][]byte
	// others are further photographs of the applicant, by file.
	others []string
}

// holdPDF reports whether there is a PDF among them.
func (e *evidence) holdPDF() bool {
	return slices.ContainsFunc(e.uploads, func(u kyc.Upload) bool { return u.ContentType == "application/pdf" })
}

// Blob gives the bytes of an upload.
func (e *evidence) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	if b, ok := e.bytes[key]; ok {
		return b, nil
	}
	return nil, kyc.Missing("file", key)
}

// kindOf maps what people call a file to the data requirement it serves.
func kindOf(name string) (kind, documentType string, ok bool) {
	switch name {
	case "passport", "id_card", "visa", "residence_permit", "driving_licence":
		return "document_front", name, true
	case "document_front", "document_back", "selfie", "liveness", "nfc", "proof_of_address":
		return name, "", true
	}
	return name, "", strings.HasPrefix(name, "custom:")
}

func (v verifyCmd) files() (*evidence, error) {
	e := &evidence{bytes: map[string][]byte{}}
	now := time.Now().UTC()
	if _, err := pairs(v.Document, "--document"); err != nil {
		return nil, err
	}
	for _, arg := range v.Document { // in the order given
		name, file, _ := strings.Cut(arg, "=")
		kind, documentType, ok := kindOf(name)
		if !ok && name != kindFace {
			return nil, exitCode{exitUsage, fmt.Errorf("--document %s: unknown type %q; use passport, id_card, visa, residence_permit, driving_licence, document_front, document_back, selfie, liveness, face, proof_of_address or custom:NAME", arg, name)}
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		t, problem := imagefile.Sniff(b)
		if problem != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), problem)
		}
		if name == kindFace {
			e.others = append(e.others, file)
			e.bytes[file] = b
			continue
		}
		u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(now)}, Kind: kind, DocumentType: documentType, ContentType: t.ContentType, Size: int64(len(b)), BlobKey: file + "#" + name}
		e.uploads = append(e.uploads, u)
		e.bytes[u.BlobKey] = b
	}
	return e, nil
}

// pairs reads KEY=VALUE arguments.
func pairs(args []string, flag string) (map[string]any, error) {
	out := map[string]any{}
	for _, a := range args {
		k, v, ok := strings.Cut(a, "=")
		if !ok || k == "" || v == "" {
			return nil, exitCode{exitUsage, fmt.Errorf("%s %s: it takes KEY=VALUE", flag, a)}
		}
		out[k] = v
	}
	return out, nil
}

// walk simulates the run: the engine's own step, the live checks, nothing
// stored, no waiting between attempts.
func walk(ctx context.Context, g *flow.Compiled, menu *check.Menu, files *evidence, fields map[string]any, country string) (engine.View, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	t := kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}
	begin := engine.Begin{Tenant: t, Session: engine.SessionSnapshot{ID: kyc.NewID(now), Surface: kyc.SurfaceGraph, Country: strings.ToUpper(country), Fields: fields},
		Subject: engine.SubjectSnapshot{ID: kyc.NewID(now)}, Uploads: files.uploads, Settings: kyc.DefaultSettings()}
	return engine.Simulate(g, begin, now, engine.Answers{Check: func(c engine.RunCheck) kyc.Answer { return menu.Run(ctx, c.Request) }})
}

// verification is the --json form.
func verification(d definition, v engine.View) map[string]any {
	return map[string]any{"workflow": d.Name, "definition_hash": v.Run.Definition, "path": v.Path, "outcome": v.Run.Outcome, "reason_code": v.Run.ReasonCode,
		"extracted": v.Extracted, "checks": v.Checks, "attempts": v.Attempts}
}

// printView prints path, findings and decision for people.
func printView(c *console, name string, v engine.View, alike []facesAlike) {
	c.printf("%s\n\npath      %s\n", name, strings.Join(v.Path, " → "))
	for _, a := range v.Attempts {
		c.printf("\n%-24s %s", a.Policy, a.Status)
		if a.Attempt > 1 {
			c.printf(" (attempt %d)", a.Attempt)
		}
		c.printf("\n")
		if a.Answer == nil {
			continue
		}
		for _, f := range a.Answer.Fields {
			c.printf("    %-20s %s (%s)\n", f.Name, f.Value, f.Source)
		}
		if line := measured(*a.Answer); line != "" {
			c.printf("    %s\n", line)
		}
		for _, r := range a.Answer.Reasons {
			c.printf("    %-8s %s: %s\n", r.Severity, r.Code, r.Message)
		}
		for _, h := range a.Answer.Hits {
			c.printf("    hit      %s\n", strings.ReplaceAll(strings.TrimSpace(screen.Explain(h)), "\n", "\n             "))
		}
		for _, l := range a.Answer.Lists {
			kind := ""
			if l.Fictional {
				kind = ", FICTIONAL entries"
			}
			c.printf("    list     %s: %s, %d entries, version %s%s\n", l.List, l.Status, l.Entries, short(l.Version), kind)
		}
	}
	for i, a := range alike {
		if i == 0 {
			c.printf("\nfaces (these decide nothing)\n")
		}
		c.printf("    %s\n", a)
	}
	c.printf("\ndecision  %s", v.Run.Outcome)
	if v.Run.ReasonCode != "" {
		c.printf(" (%s)", v.Run.ReasonCode)
	}
	c.printf("\n")
}

// describe prints an inspection for people.
func describe(i document.Inspection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", i.File)
	if i.Error != nil {
		fmt.Fprintf(&b, "    refused  %s: %s\n", i.Error.Code, i.Error.Message)
		return b.String()
	}
	fmt.Fprintf(&b, "    %s, %s, %dx%d, blur %.0f, luma %.0f, glare %.2f\n", i.Kind, i.Type, i.Quality.Width, i.Quality.Height, i.Quality.Blur, i.Quality.Luma, i.Quality.Glare)
	for _, p := range i.Pages {
		if p.Straight != nil {
			fmt.Fprintf(&b, "    straightened page %d: tilt %.1f°, lean %.1f°, corners", p.Page+1, p.Straight.Tilt, p.Straight.Lean)
			for _, c := range p.Straight.Corners {
				fmt.Fprintf(&b, " %.3f,%.3f", c[0], c[1])
			}
			b.WriteString("\n")
		}
	}
	if i.MRZ != nil {
		fmt.Fprintf(&b, "    mrz %s, valid %v\n", i.MRZ.Format, i.MRZ.Valid)
		for _, l := range i.MRZ.Lines {
			fmt.Fprintf(&b, "        %s\n", l)
		}
	}
	for _, f := range i.Fields {
		fmt.Fprintf(&b, "    %-20s %s (%s)\n", f.Name, f.Value, f.Source)
	}
	for _, r := range i.Fraud {
		fmt.Fprintf(&b, "    %-8s %s: %s\n", r.Severity, r.Code, r.Message)
	}
	for _, n := range i.Notes {
		fmt.Fprintf(&b, "    note     %s\n", n)
	}
	return b.String()
}
