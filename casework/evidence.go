package casework

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/ui"
)

// stop is a node of the path with what its check found.
type stop struct {
	Number             int
	Anchor, Title      string
	Policy, Word, Tone string
	Score, Threshold   string
	Scale              template.HTML
	Took               string
	Provider           string
	Reasons            []finding
	Hits               []hitView
	Lists              []string
}

// finding is a reason of a check.
type finding struct {
	Code, Message, Severity, Tone, Points string
	Region                                string // id of the region on the image
	Upload                                string
}

// value is one thing a document or the applicant said.
type value struct {
	Value, Source, Confidence, Stop string
	Region, Upload                  string
}

// field is everything that was said of one thing, and whether it agrees.
type field struct {
	Name, Agree, Tone, Corrected string
	Said                         []value
	code                         string // as the sources call it: date_of_birth
}

// picture is a file of the session as the page shows it.
type picture struct {
	ID, Title, URL, Type, Size string
	Shown                      bool // the browser can draw it
	Regions                    []box
}

// box is a region of a picture in thousandths of its sides.
type box struct {
	ID, Label, Tone string
	X, Y, W, H      string
}

// evidence is everything that the run and the applicant left.
type evidence struct {
	// Path lists the stops, Drawing draws them where some ran side by side; mark
	// makes both.
	Path     template.HTML
	Drawing  template.HTML
	Stops    []stop
	Fields   []field
	Pictures []picture
	Others   []picture // files without a drawing
	Erased   bool
	NoRun    bool
	Outcome  string

	applicant string // the name on the case
	drawn     []ui.Stop
	moves     []ui.Move
}

// gather reads the run and puts its record into the form of the page.
func (r *room) gather(ctx context.Context, c *kyc.Case, s *kyc.Session, applicant string) (evidence, error) {
	out := evidence{applicant: applicant}
	boxes := map[kyc.ID][]box{}
	if c.RunID == "" {
		out.NoRun = true
	} else {
		v, err := r.Run(ctx, c.Tenant, c.RunID)
		switch {
		case kyc.IsCode(err, "erased"):
			out.Erased = true
		case kyc.KindOf(err) == kyc.NotFound && err != nil:
			out.NoRun = true
		case err != nil:
			return out, err
		default:
			out.read(&v, c, boxes)
		}
	}
	if s == nil {
		out.agree(nil)
		return out, nil
	}
	out.Erased = out.Erased || s.Private.Unreadable
	out.form(s)
	out.agree(s.Private.Corrected)
	uploads, err := r.Store.Uploads(ctx, c.Tenant, s.ID)
	if err != nil {
		return out, err
	}
	for i := range uploads {
		if u := &uploads[i]; u.Readable() && !u.Superseded {
			p := pictureOf(c, u, boxes[u.ID])
			if p.Shown {
				out.Pictures = append(out.Pictures, p)
			} else {
				out.Others = append(out.Others, p)
			}
		}
	}
	return out, nil
}

// read turns the record of a run into stops, findings, values and regions.
func (e *evidence) read(v *engine.View, c *kyc.Case, boxes map[kyc.ID][]box) {
	e.Outcome = string(v.Run.Outcome)
	last := map[string]*kyc.Answer{}
	if v.Begin != nil {
		for i := range v.Begin.Carried {
			last[v.Begin.Carried[i].Node] = &v.Begin.Carried[i].Answer
		}
	}
	for i := range v.Attempts {
		if a := v.Attempts[i].Answer; a != nil {
			last[v.Attempts[i].Node] = a
		}
	}
	regions := 0
	mark := func(g *kyc.Region, label, tone string) (id, upload string) {
		if g == nil || g.Upload == "" {
			return "", ""
		}
		regions++
		id = fmt.Sprintf("region-%d", regions)
		mille := func(f float64) string { return fmt.Sprintf("%.0f", 1000*min(max(f, 0), 1)) }
		boxes[g.Upload] = append(boxes[g.Upload], box{ID: id, Label: label, Tone: tone, X: mille(g.X), Y: mille(g.Y), W: mille(g.W), H: mille(g.H)})
		return id, kyc.Dress("document", g.Upload)
	}
	for i, node := range v.Path {
		n := v.NodeResults[node]
		st := stop{Number: i + 1, Anchor: fmt.Sprintf("stop-%d", i+1), Title: words(cmp.Or(n.Policy, node)), Policy: n.Policy, Word: words(n.Status), Tone: tone(n.Status)}
		if n.Duration > 0 {
			st.Took = n.Duration.Round(1e6).String()
		}
		if a := last[node]; a != nil {
			st.answer(a, c, n.Policy, e.applicant, mark)
			for _, f := range a.Fields {
				val := value{Value: f.Value, Source: f.Source, Confidence: fmt.Sprintf("%.0f %%", 100*f.Confidence), Stop: st.Anchor}
				val.Region, val.Upload = mark(f.Region, words(f.Name)+": "+f.Value, "value")
				e.say(f.Name, val)
			}
		}
		e.Stops = append(e.Stops, st)
		e.drawn = append(e.drawn, ui.Stop{ID: node, Title: st.Title, Word: st.Word, Tone: st.Tone, Href: "#" + st.Anchor, Number: st.Number})
	}
	for _, m := range v.Edges {
		e.moves = append(e.moves, ui.Move(m))
	}
	if d := c.Decision; d != nil && len(e.drawn) > 0 {
		last := e.drawn[len(e.drawn)-1].ID
		e.drawn = append(e.drawn, ui.Stop{ID: "decision", Title: "decision", Word: string(d.Outcome), Tone: tone(string(d.Outcome)), Href: "#decision", Number: len(e.drawn) + 1})
		e.moves = append(e.moves, ui.Move{From: last, To: "decision"})
	}
}

// mark makes the path, with a mark at the stop that says why the case is here.
func (e *evidence) mark(anchor string) {
	if len(e.drawn) == 0 {
		return
	}
	const label = "The path this run took"
	if anchor != "" {
		anchor = "#" + anchor
	}
	e.Path = ui.Strip(e.drawn, e.moves, label, anchor, "why it is here")
	if ui.Abreast(e.drawn, e.moves) {
		e.Drawing = ui.Path(e.drawn, e.moves, label)
	}
}

func (st *stop) answer(a *kyc.Answer, c *kyc.Case, policy, applicant string, mark func(*kyc.Region, string, string) (string, string)) {
	st.Provider = a.Provider
	if a.Score != nil {
		st.Score = fmt.Sprintf("%.3f", *a.Score)
		if a.Threshold != nil {
			st.Threshold = fmt.Sprintf("%.3f", *a.Threshold)
			st.Scale = ui.Scale(*a.Score, *a.Threshold)
		}
	}
	for _, why := range a.Reasons {
		f := finding{Code: why.Code, Message: why.Message, Severity: why.Severity, Tone: map[string]string{"critical": "bad", "warning": "warn"}[why.Severity]}
		if f.Tone == "" {
			f.Tone = "soft"
		}
		if why.Points != nil {
			f.Points = fmt.Sprintf("%+.2f", *why.Points)
		}
		f.Region, f.Upload = mark(why.Region, why.Message, f.Tone)
		st.Reasons = append(st.Reasons, f)
	}
	rank := map[string]int{"bad": 0, "warn": 1, "soft": 2}
	slices.SortStableFunc(st.Reasons, func(x, y finding) int { return cmp.Compare(rank[x.Tone], rank[y.Tone]) })
	for _, l := range a.Lists {
		text := fmt.Sprintf("%s, %d entries, as of %s", l.List, l.Entries, l.AsOf.UTC().Format("2006-01-02"))
		if l.Status != kyc.StatusOK {
			text += ", " + words(string(l.Status))
		}
		st.Lists = append(st.Lists, text)
	}
	st.Hits = hitViews(a, c, policy, applicant)
}

// unjudged is how many hits nobody has said a word about.
func (e *evidence) unjudged() int {
	n := 0
	for i := range e.Stops {
		for j := range e.Stops[i].Hits {
			if e.Stops[i].Hits[j].Word == "" {
				n++
			}
		}
	}
	return n
}

// tone is the colour of a status. What did not run is never green.
func tone(status string) string {
	switch status {
	case "passed", "approved", "continue":
		return "good"
	case "failed", "rejected", "error", "fail", "reject":
		return "bad"
	case "review", "needs_review", "requires_retry", "waiting", "pending":
		return "warn"
	}
	return "soft"
}

// form adds what the applicant said.
func (e *evidence) form(s *kyc.Session) {
	for _, name := range slices.Sorted(maps.Keys(s.Private.Fields)) {
		if text := plain(s.Private.Fields[name]); text != "" {
			e.say(name, value{Value: text, Source: "form"})
		}
	}
}

// plain writes a value of a form; structures are written part by part.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if p := plain(v[k]); p != "" {
				parts = append(parts, words(k)+" "+p)
			}
		}
		return strings.Join(parts, ", ")
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, plain(x))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// say puts a value to the others of its field.
func (e *evidence) say(code string, v value) {
	i := slices.IndexFunc(e.Fields, func(f field) bool { return f.code == code })
	if i < 0 {
		i = len(e.Fields)
		e.Fields = append(e.Fields, field{code: code, Name: words(code)})
	}
	e.Fields[i].Said = append(e.Fields[i].Said, v)
}

// agree says of each field whether its sources say the same and what a person
// corrected it to, and brings the fields into the order in which papers are read.
func (e *evidence) agree(corrected map[string]string) {
	for i := range e.Fields {
		f := &e.Fields[i]
		said := map[string]bool{}
		for _, v := range f.Said {
			said[same(v.Value)] = true
		}
		switch {
		case len(f.Said) == 1:
			f.Agree, f.Tone = "only source", "soft"
		case len(said) == 1:
			f.Agree, f.Tone = "agrees", "good"
		default:
			f.Agree, f.Tone = "differs", "bad"
		}
		f.Corrected = corrected[f.code]
	}
	first := []string{"full_name", "first_name", "middle_name", "last_name", "date_of_birth", "place_of_birth", "sex", "nationality", "document_type", "document_number",
		"issuing_country", "issue_date", "expiry_date", "address"}
	place := func(f field) int {
		if i := slices.Index(first, f.code); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortStableFunc(e.Fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Name, b.Name))
	})
}

// same brings values into the form they are compared in: spaces and case do not
// matter to a reader.
func same(v string) string { return strings.ToUpper(strings.Join(strings.Fields(v), " ")) }

func pictureOf(c *kyc.Case, u *kyc.Upload, boxes []box) picture {
	title := words(u.Kind)
	if u.DocumentType != "" {
		title = words(u.DocumentType) + ", " + title
	}
	return picture{ID: kyc.Dress("document", u.ID), Title: title, URL: "/console/cases/" + kyc.Dress("case", c.ID) + "/files/" + kyc.Dress("document", u.ID),
		Type: u.ContentType, Size: fmt.Sprintf("%d kB", (u.Size+1023)/1024), Shown: ui.Drawn(u.ContentType), Regions: boxes}
}
