package check

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"bonafide/face"
	"bonafide/kyc"
)

// Templates are the faces that a tenant met, and the sessions they belong to
// (store). FaceTemplates gives up to limit of them by ascending ID after that
// one.
type Templates interface {
	FaceTemplates(ctx context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
}

// faceDedup looks for the same face in other sessions.
func faceDedup(d Deps) Check {
	s := spec("face_dedup", "Known faces",
		"Looks whether the applicant's face was met in other sessions of this organisation and environment, under the limits of the rules that ask; without rules in all of them that belong to somebody else. The score is the highest likeness, 0-1. The face is kept as an encrypted template that lives as long as the organisation's settings say, ends with the person's data and leaves with no export.", faceTimeout)
	s.Needs = []string{"liveness|selfie"}
	s.Provides = []string{"score", "details.matches", "details.match_count", "details.compared", "details.other_people"}
	s.ConfigSchema = schema(`
"rules":{"type":"array","maxItems":100,"items":{"type":"object","additionalProperties":false,"properties":{
"min_similarity":{"type":"number","minimum":0,"maximum":1,"description":"Likeness from which two faces are one, 0-1."},
"scope":{"type":"string","enum":["tenant","workflow"],"description":"Where to look."},
"lookback_days":{"type":"integer","minimum":1,"maximum":3650,"description":"How far back to look."},
"against":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["approved","rejected","blocklist"]},"description":"Whose faces to compare with."},
"exclude_same_customer":{"type":"boolean","description":"Leave out sessions of the same customer."}}},
"description":"What the face_dedup_rules of the workflow look for; the smallest min_similarity is what a match needs."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c dedupConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Faces == nil || d.Blobs == nil || d.Pictures == nil || d.Templates == nil {
			return noFaces(&r, s.Title)
		}
		encoder := d.Faces.Encoder(&r)
		if encoder == nil {
			return noFaces(&r, s.Title)
		}
		shown, source, ok := applicant(&r)
		if !ok {
			return review("face_missing", "the session has no picture of the applicant's face")
		}
		img, bad := picture(ctx, d, &r, shown, "selfie")
		if bad != nil {
			return *bad
		}
		own, err := encoder.Template(ctx, img)
		if err != nil {
			return asCheck(&r, err)
		}
		search := faceSearch{d: d, r: &r, rules: c.rules(), encoder: encoder, own: own}
		a, failure := search.run(ctx)
		if failure != nil {
			return *failure
		}
		a.Details["source"], a.Details["model"] = source, own.Model
		if !search.kept(shown.ID) {
			a.Faces = []kyc.FaceTemplate{{UploadID: shown.ID, Model: own.Model, Source: source, Vector: own.Vector, ExpiresAt: r.Now.Add(r.Settings.Faces.Keep())}}
		}
		return a
	}}
}

// dedupMinimum is the likeness from which two faces are one where no rule says
// otherwise (api.md 3.6.5).
const dedupMinimum = 0.92

type dedupConfig struct {
	Rules []dedupRule `json:"rules"`
}

type dedupRule struct {
	MinSimilarity       *float64 `json:"min_similarity"`
	Scope               string   `json:"scope"`
	LookbackDays        int      `json:"lookback_days"`
	Against             []string `json:"against"`
	ExcludeSameCustomer bool     `json:"exclude_same_customer"`
}

// rules are those of the config, or the one that holds without any.
func (c dedupConfig) rules() []dedupRule {
	if len(c.Rules) == 0 {
		return []dedupRule{{ExcludeSameCustomer: true}}
	}
	return c.Rules
}

func (c dedupRule) minimum() float64 {
	if c.MinSimilarity == nil {
		return dedupMinimum
	}
	return *c.MinSimilarity
}

// lookback is how far the rule looks back; 0 is as far as templates are kept.
func (c dedupRule) lookback() time.Duration { return time.Duration(c.LookbackDays) * 24 * time.Hour }

// metFace is one face met before, in the words of the rules (rule.DedupFace).
type metFace struct {
	Similarity   float64 `json:"similarity"`
	Of           string  `json:"of"`        // approved, rejected, blocklist, pending
	Reference    string  `json:"reference"` // session_… or the item of the list
	AgeDays      int     `json:"age_days"`
	SameWorkflow bool    `json:"same_workflow"`
	SameCustomer bool    `json:"same_customer"`
	Decision     string  `json:"final_decision,omitempty"`
}

// wants reports whether a rule asks about the face, whatever its likeness.
func (c dedupRule) wants(m metFace) bool {
	return (len(c.Against) == 0 || slices.Contains(c.Against, m.Of)) && (c.Scope != "workflow" || m.SameWorkflow) &&
		(c.LookbackDays == 0 || m.AgeDays <= c.LookbackDays || m.Of == "blocklist") && (!c.ExcludeSameCustomer || !m.SameCustomer)
}

// templatePage is how many templates are in memory at one time.
const templatePage = 512

// maxMetFaces bounds the list of matches; match_count counts all.
const maxMetFaces = 50

// faceSearch is one search under way.
type faceSearch struct {
	d       Deps
	r       *kyc.CheckRequest
	rules   []dedupRule
	encoder face.Encoder
	own     face.Template
	// mine are the templates of this session.
	mine     []kyc.FaceTemplate
	compared int
	// strange are faces that the rules ask about and that another model made: they cannot
	// be compared, so nobody knows whether they are the applicant's.
	strange int
	best    float64
	found   []metFace
}

// minimum is the smallest likeness that any rule asks for.
func (s *faceSearch) minimum() float64 {
	least := math.Inf(1)
	for _, c := range s.rules {
		least = min(least, c.minimum())
	}
	return least
}

// since is how far back any rule looks.
func (s *faceSearch) since() time.Time {
	longest := time.Duration(0)
	for _, c := range s.rules {
		if c.LookbackDays == 0 {
			return time.Time{}
		}
		longest = max(longest, c.lookback())
	}
	return s.r.Now.Add(-longest - 24*time.Hour) // the rules count whole days
}

func (s *faceSearch) kept(upload kyc.ID) bool {
	return slices.ContainsFunc(s.mine, func(t kyc.FaceTemplate) bool { return t.UploadID == upload && t.Model == s.own.Model })
}

// run compares the face with all that may be asked about.
func (s *faceSearch) run(ctx context.Context) (kyc.Answer, *kyc.Answer) {
	away := func() *kyc.Answer {
		a := unavailable("faces_unavailable", "the faces of earlier sessions cannot be compared now")
		return &a
	}
	this, err := s.d.Templates.Session(ctx, s.r.Tenant, s.r.SessionID)
	if err != nil && kyc.KindOf(err) != kyc.NotFound { // a command line has no session
		return kyc.Answer{}, away()
	}
	for _, f := range []kyc.FaceFilter{{Model: s.own.Model}, {Except: s.own.Model}} {
		f.Now, f.Since = s.r.Now, s.since()
		for after := kyc.ID(""); f.Except == "" || s.strange == 0; { // one stranger is enough
			page, err := s.d.Templates.FaceTemplates(ctx, s.r.Tenant, f, after, templatePage)
			if err != nil {
				return kyc.Answer{}, away()
			}
			for i := range page {
				if bad := s.compare(ctx, &page[i], this.WorkflowID); bad != nil {
					return kyc.Answer{}, bad
				}
			}
			if len(page) < templatePage {
				break
			}
			after = page[len(page)-1].ID
		}
	}
	if slices.ContainsFunc(s.rules, func(c dedupRule) bool { return len(c.Against) == 0 || slices.Contains(c.Against, "blocklist") }) {
		if bad := s.blocked(ctx); bad != nil {
			return kyc.Answer{}, bad
		}
	}
	return s.answer(), nil
}

// compare looks at one template.
func (s *faceSearch) compare(ctx context.Context, t *kyc.FaceTemplate, workflow kyc.ID) *kyc.Answer {
	if t.SessionID == s.r.SessionID {
		s.mine = append(s.mine, *t)
		return nil
	}
	if t.Unreadable || len(t.Vector) == 0 {
		return nil // erased meanwhile
	}
	m := metFace{Reference: kyc.Dress("session", t.SessionID), SameCustomer: t.SubjectID != "" && t.SubjectID == s.r.SubjectID,
		AgeDays: int(s.r.Now.Sub(t.CreatedAt) / (24 * time.Hour))}
	like, strange := 0.0, t.Model != s.own.Model
	switch {
	case strange && s.strange > 0: // one is enough for a person to look
		return nil
	case !strange:
		var bad *kyc.Answer
		if like, bad = s.likeness(face.Template{Model: t.Model, Vector: t.Vector}); bad != nil {
			return bad
		}
		s.compared++
		if m.Similarity = round4(like); like < s.minimum() {
			s.best = max(s.best, m.Similarity)
			return nil
		}
	}
	other, err := s.d.Templates.Session(ctx, s.r.Tenant, t.SessionID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil
		}
		a := unavailable("faces_unavailable", "the sessions of known faces cannot be read now")
		return &a
	}
	m.SameWorkflow = workflow != "" && other.WorkflowID == workflow
	m.Of, m.Decision = decisionOf(&other)
	if !strange {
		s.add(m, like)
	} else if slices.ContainsFunc(s.rules, func(c dedupRule) bool { return c.wants(m) }) {
		s.strange++
	}
	return nil
}

// add notes a face that some rule asks about.
func (s *faceSearch) add(m metFace, like float64) {
	wanted := false
	for _, c := range s.rules {
		if c.wants(m) {
			wanted = wanted || like >= c.minimum()
			s.best = max(s.best, m.Similarity)
		}
	}
	if wanted {
		s.found = append(s.found, m)
	}
}

func (s *faceSearch) likeness(other face.Template) (float64, *kyc.Answer) {
	c, err := s.encoder.Likeness(s.own, other)
	if err != nil {
		a := asCheck(s.r, err)
		return 0, &a
	}
	if !finite(c.Score) || c.Score < 0 || c.Score > 1 {
		a := broken("bad_score", "the comparison answered a likeness that is none")
		return 0, &a
	}
	return c.Score, nil
}

// decisionOf puts a session's decision in force into the words of the rules.
func decisionOf(s *kyc.Session) (of, final string) {
	switch s.Status {
	case kyc.SessionApproved:
		return "approved", "approved"
	case kyc.SessionRejected:
		return "rejected", "rejected"
	case kyc.SessionReview:
		return "pending", "manual_review"
	}
	return "pending", ""
}

// blocked compares with the faces of the organisation's own lists.
func (s *faceSearch) blocked(ctx context.Context) *kyc.Answer {
	if s.d.Lists == nil {
		return nil
	}
	lists, _, err := s.d.Lists.Lists(ctx, s.r.Tenant, kyc.ListFilter{Type: kyc.ListFace, Mode: kyc.ModeBlock}, kyc.Page{Limit: 1000})
	for i := 0; err == nil && i < len(lists); i++ {
		if !lists[i].ArchivedAt.IsZero() || lists[i].Type != kyc.ListFace || lists[i].Mode != kyc.ModeBlock {
			continue
		}
		var items []kyc.ListItem
		items, err = s.d.Lists.AllListItems(ctx, s.r.Tenant, lists[i].ID)
		for _, item := range items {
			other, comparable := s.listed(item.Value)
			if !comparable {
				s.strange++
				continue
			}
			like, bad := s.likeness(other)
			if bad != nil {
				return bad
			}
			s.compared++
			s.add(metFace{Similarity: round4(like), Of: "blocklist", Reference: kyc.Dress("list_item", item.ID), AgeDays: int(s.r.Now.Sub(item.CreatedAt) / (24 * time.Hour))}, like)
		}
	}
	if err != nil {
		a := unavailable("lists_unavailable", "the lists of faces cannot be read now")
		return &a
	}
	return nil
}

// listed makes a template of unit length of a list's entry. One that says that
// another model made it, or that has another length, cannot be compared.
func (s *faceSearch) listed(v kyc.ListValue) (face.Template, bool) {
	if len(v.Vector) != len(s.own.Vector) || v.Extra["model"] != "" && v.Extra["model"] != s.own.Model {
		return face.Template{}, false
	}
	length := 0.0
	for _, x := range v.Vector {
		length += x * x
	}
	if length = math.Sqrt(length); length == 0 || !finite(length) {
		return face.Template{}, false
	}
	t := face.Template{Model: s.own.Model, Vector: make([]float32, len(v.Vector))}
	for i, x := range v.Vector {
		t.Vector[i] = float32(x / length)
	}
	return t, true
}

func (s *faceSearch) answer() kyc.Answer {
	slices.SortStableFunc(s.found, func(a, b metFace) int {
		switch {
		case a.Similarity > b.Similarity:
			return -1
		case a.Similarity < b.Similarity:
			return 1
		}
		return compareText(a.Reference, b.Reference)
	})
	others := 0
	for _, m := range s.found {
		if !m.SameCustomer {
			others++
		}
	}
	a := passed("face_not_met", fmt.Sprintf("none of %d known faces is the applicant's", s.compared))
	switch {
	case len(s.found) > 0:
		a = failed("face_met_before", fmt.Sprintf("the applicant's face was met in %d other places", len(s.found)))
	case s.strange > 0:
		a = review("faces_not_comparable", "known faces that another model made cannot be compared with the applicant's; a person has to look")
	}
	shown, _ := plainly(s.found[:min(len(s.found), maxMetFaces)]).([]any)
	if shown == nil {
		shown = []any{}
	}
	a.Score, a.Threshold = number(s.best), number(s.minimum())
	a.Details = map[string]any{"matches": shown, "match_count": len(s.found), "compared": s.compared, "other_people": others}
	return a
}
