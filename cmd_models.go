package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"bonafide/kyc"
	"bonafide/model"
)

type modelsCmd struct {
	Pull   modelsPullCmd   `cmd:"" help:"Fetch models from their public addresses into the models folder."`
	Add    modelsAddCmd    `cmd:"" help:"Put a local file into the models folder; a known one is recognised by its SHA-256."`
	Status modelsStatusCmd `cmd:"" help:"Which models are here, which are missing or refused."`
}

type modelsPullCmd struct {
	Models []string `arg:"" optional:"" help:"Slots or names, see: bonafide models status --all (default: every slot that is not filled)."`
}

// Run fetches; it fails when one could not be fetched, after trying all.
func (p modelsPullCmd) Run(ctx context.Context, c *console, g *Globals) error {
	store := newModels(g)
	entries, err := store.Choose(p.Models)
	if err != nil {
		return exitCode{exitUsage, err}
	}
	if err := store.Tidy(g.modelsDir(), time.Now()); err != nil {
		return err
	}
	if len(entries) == 0 {
		c.printf("every slot is filled\n")
		return nil
	}
	var failed []string
	for _, e := range entries {
		started := time.Now()
		show, done := downloadProgress(c, e.Name)
		err := store.Pull(ctx, g.modelsDir(), e, model.PullOptions{Progress: show})
		done()
		if err != nil {
			failed = append(failed, e.Name)
			fmt.Fprintf(c.err, "%s: %s\n", e.Name, oneLine(err))
			continue
		}
		c.printf("%s: %s, %s, in %s (%s)\n", e.Slot, e.Name, e.Licence, g.modelsDir(), time.Since(started).Round(time.Millisecond))
	}
	if len(failed) > 0 {
		return fmt.Errorf("not fetched: %s; what was fetched elsewhere is put in place by: bonafide models add FILE (addresses: bonafide models status --json)", strings.Join(failed, ", "))
	}
	return nil
}

// downloadProgress draws a bar on a terminal and nothing elsewhere.
func downloadProgress(c *console, name string) (show func(done, total int64), done func()) {
	if f, ok := c.err.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(c.err), progressbar.OptionSetDescription(name),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	return func(done, total int64) {
		if total > 0 {
			bar.ChangeMax64(total)
		}
		_ = bar.Set64(done) // a bar that cannot be drawn harms nothing
	}, func() { _ = bar.Finish() }
}

type modelsAddCmd struct {
	File    string  `arg:"" help:"The model file." type:"existingfile"`
	Slot    string  `help:"What it is for, when the manifest does not know it: face_detection, face_template, antispoof_a, antispoof_b, age, mrz, eng."`
	Name    string  `help:"Its name, with --slot."`
	Licence string  `help:"Licence of its weights, with --slot."`
	Input   string  `help:"Size of its input in pixels, such as 112x112."`
	Color   string  `help:"Order of its input's planes: bgr or rgb." default:"bgr"`
	Mean    string  `help:"What is taken from each plane, such as 104,117,123."`
	Output  int     `help:"How many numbers it answers."`
	Live    int     `help:"Place of the living class (antispoof)."`
	Softmax bool    `help:"Its answer is not probabilities yet."`
	Bins    string  `help:"Years each class stands for (age), such as 1,5,10."`
	Crop    float64 `help:"How much it sees, in face boxes (antispoof, age)."`
	Points  string  `help:"Reference points as parts of the side: right eye, left eye, nose, right and left corner of the mouth, such as 0.34,0.46,0.66,0.46,…"`
	At      float64 `help:"Cosine of the operating point (face_template), which becomes likeness 0.80."`
	Slope   float64 `help:"Slope of the likeness's logistic curve there." default:"27.725887222397812"`
}

// Run adds the file. One that the manifest does not know is opened and run on an
// empty picture first, where ONNX Runtime is here; without, its frame is looked at.
func (a modelsAddCmd) Run(ctx context.Context, c *console, g *Globals) error {
	var describe *model.Entry
	if a.Slot != "" {
		e, err := a.entry()
		if err != nil {
			return exitCode{exitUsage, err}
		}
		describe = &e
	}
	store, engine := newModels(g), newFaces(g)
	defer engine.Close()
	ran := true
	e, err := store.Add(g.modelsDir(), a.File, describe, func(e model.Entry, b []byte) error {
		if ran = engine.HasLibrary() || g.ONNXRuntime != ""; !ran {
			return nil
		}
		if err := engine.Try(ctx, e, b); err != nil {
			return kyc.Errorf(err.Kind, err.Code, "%s: %s", filepath.Base(a.File), err.Message)
		}
		return nil
	})
	switch {
	case kyc.IsCode(err, "model_unknown"), kyc.IsCode(err, "model_invalid"), kyc.IsCode(err, "model_unreadable"), kyc.IsCode(err, "model_unfit"):
		return exitCode{exitUsage, err}
	case err != nil:
		return err
	}
	if !ran {
		fmt.Fprintf(c.err, "%s was not run: ONNX Runtime is not here; only its frame was looked at\n", filepath.Base(a.File))
	}
	c.printf("%s: %s (%s), %s, in %s\n", e.Slot, e.Name, e.Fingerprint(), e.Licence, g.modelsDir())
	return nil
}

// entry describes a file that the manifest does not know.
func (a modelsAddCmd) entry() (model.Entry, error) {
	e := model.Entry{Slot: a.Slot, Name: a.Name, Licence: a.Licence, Purpose: "added by hand", Crop: a.Crop,
		Output: model.Output{Size: a.Output, Live: a.Live, Softmax: a.Softmax}}
	if a.Slot == model.MRZ || a.Slot == model.Eng {
		return e, nil
	}
	e.Input.Color = a.Color
	if _, err := fmt.Sscanf(a.Input, "%dx%d", &e.Input.Width, &e.Input.Height); err != nil {
		return e, fmt.Errorf("--input %q: must be WIDTHxHEIGHT", a.Input)
	}
	mean, err := numbers("--mean", a.Mean)
	if err != nil {
		return e, err
	}
	for _, v := range mean {
		e.Input.Mean = append(e.Input.Mean, float32(v))
	}
	if e.Output.Bins, err = numbers("--bins", a.Bins); err != nil {
		return e, err
	}
	points, err := numbers("--points", a.Points)
	if err != nil {
		return e, err
	}
	for i := 0; i+1 < len(points); i += 2 {
		e.Points = append(e.Points, [2]float64{points[i], points[i+1]})
	}
	if a.Slot == model.FaceTemplate {
		e.Distance = "cosine"
		e.Calibration = model.Calibration{ID: a.Name + "-by-hand", At: a.At, Gives: 0.80, Slope: a.Slope}
	}
	return e, nil
}

// numbers reads a list with commas.
func numbers(flag, list string) ([]float64, error) {
	if list == "" {
		return nil, nil
	}
	var out []float64
	for word := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is no number", flag, word)
		}
		out = append(out, v)
	}
	return out, nil
}

type modelsStatusCmd struct {
	All  bool `help:"Models that are not here and not needed, too."`
	JSON bool `help:"One JSON object."`
}

// Run prints what is known of each model.
func (s modelsStatusCmd) Run(c *console, g *Globals) error {
	store := newModels(g)
	states := store.Status()
	if s.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(map[string]any{"dir": g.modelsDir(), "models": states})
	}
	for dir, err := range store.Problems() {
		fmt.Fprintf(c.err, "%s: its %s is left out: %s\n", dir, model.LocalManifest, oneLine(err))
	}
	filled := map[string]bool{}
	for _, st := range states {
		filled[st.Slot] = filled[st.Slot] || st.InUse
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SLOT\tMODEL\tSTATUS\tSHA-256\tLICENCE\tWHERE")
	for _, st := range states {
		if !s.All && st.Status == "missing" && (filled[st.Slot] || st.Download == "") {
			continue
		}
		status, where := st.Status, st.Path
		switch {
		case st.InUse:
			status = "in use"
		case st.Status == "refused":
			where = st.Reason
		case st.Install != "":
			where = st.Install
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", st.Slot, st.Name, status, st.Fingerprint(), st.Licence, where)
	}
	return w.Flush()
}
