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
	mine     map[kyc.ID]bool
	workflow kyc.ID
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

func (s *faceSearch) away() *kyc.Answer {
	a := unavailable("faces_unavailable", "the faces of earlier sessions cannot be compared now")
	return &a
}

// keep stores the applicant's face, once for each picture and model. It comes
// before the search: of two who show one face at the same moment, here or on
// two nodes, the one who searches later finds the other.
func (s *faceSearch) keep(ctx context.Context, upload kyc.ID, source string) *kyc.Answer {
	s.mine = map[kyc.ID]bool{}
	kept := false
	for after := kyc.ID(""); ; {
		page, err := s.d.Templates.FaceTemplates(ctx, s.r.Tenant, kyc.FaceFilter{SessionID: s.r.SessionID}, after, templatePage)
		if err != nil {
			return s.away()
		}
		for _, t := range page {
			s.mine[t.ID] = true
			kept = kept || t.UploadID == upload && t.Model == s.own.Model && !t.Unreadable && t.ExpiresAt.After(s.r.Now)
		}
		if len(page) < templatePage {
			break
		}
		after = page[len(page)-1].ID
	}
	if kept {
		return nil
	}
	t := kyc.FaceTemplate{Meta: kyc.Meta{ID: kyc.NewID(s.r.Now), Tenant: s.r.Tenant}, SessionID: s.r.SessionID, SubjectID: s.r.SubjectID,
		UploadID: upload, Model: s.own.Model, Source: source, Vector: s.own.Vector, ExpiresAt: s.r.Now.Add(s.r.Settings.Faces.Keep())}
	t.Touch(s.r.Now)
	if err := s.d.Templates.Commit(ctx, &kyc.Change{Put: []kyc.Object{&t}}); err != nil {
		return s.away()
	}
	s.mine[t.ID] = true
	return nil
}

// run compares the face with all that may be asked about.
func (s *faceSearch) run(ctx context.Context) (kyc.Answer, *kyc.Answer) {
	this, err := s.d.Templates.Session(ctx, s.r.Tenant, s.r.SessionID)
	if err != nil && kyc.KindOf(err) != kyc.NotFound { // a command line has no session
		return kyc.Answer{}, s.away()
	}
	s.workflow = this.WorkflowID
	held, bad := s.known(ctx)
	if bad == nil && !held {
		bad = s.each(ctx, kyc.FaceFilter{Model: s.own.Model}, func() bool { return false })
	}
	if bad == nil { // one stranger is enough
		bad = s.each(ctx, kyc.FaceFilter{Except: s.own.Model}, func() bool { return s.strange > 0 })
	}
	if bad != nil {
		return kyc.Answer{}, bad
	}
	if slices.ContainsFunc(s.rules, func(c dedupRule) bool { return len(c.Against) == 0 || slices.Contains(c.Against, "blocklist") }) {
		if bad := s.blocked(ctx); bad != nil {
			return kyc.Answer{}, bad
		}
	}
	return s.answer(), nil
}

// each compares with every face of a filter until it is enough.
func (s *faceSearch) each(ctx context.Context, f kyc.FaceFilter, enough func() bool) *kyc.Answer {
	f.Now, f.Since = s.r.Now, s.since()
	for after := kyc.ID(""); !enough(); {
		page, err := s.d.Templates.FaceTemplates(ctx, s.r.Tenant, f, after, templatePage)
		if err != nil {
			return s.away()
		}
		for i := range page {
			if bad := s.compare(ctx, &page[i]); bad != nil {
				return bad
			}
		}
		if len(page) < templatePage {
			break
		}
		after = page[len(page)-1].ID
	}
	return nil
}

// known compares with the faces of this model that the index proposes, and with
// nobody else; false where the index does not hold them. The templates are read
// from the store again, so that one that was erased meanwhile is not found.
func (s *faceSearch) known(ctx context.Context) (bool, *kyc.Answer) {
	if s.d.Known == nil {
		return false, nil
	}
	least, err := s.encoder.Cosine(s.own.Model, s.minimum())
	if err != nil {
		a := asCheck(s.r, err)
		return false, &a
	}
	found, held, failed := s.d.Known.Ask(ctx, s.r.Tenant, face.Question{Template: s.own, Least: least, Now: s.r.Now, Since: s.since(), Except: s.mine})
	if failed != nil {
		return false, s.away()
	}
	if !held {
		return false, nil
	}
	ids := found.Alike
	if found.Nearest != "" {
		ids = append(ids, found.Nearest)
	}
	for len(ids) > 0 {
		n := min(len(ids), templatePage)
		page, err := s.d.Templates.FaceTemplatesOf(ctx, s.r.Tenant, ids[:n])
		if err != nil {
			return false, s.away()
		}
		for i := range page {
			if t := &page[i]; t.Model == s.own.Model && t.ExpiresAt.After(s.r.Now) {
				if bad := s.compare(ctx, t); bad != nil {
					return false, bad
				}
			}
		}
		ids = ids[n:]
	}
	s.compared = found.Compared
	return true, nil
}

// compare looks at one template.
func (s *faceSearch) compare(ctx context.Context, t *kyc.FaceTemplate) *kyc.Answer {
	if t.SessionID == s.r.SessionID || t.Unreadable || len(t.Vector) == 0 {
		return nil // the applicant's own, or erased meanwhile
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
	m.SameWorkflow = s.workflow != "" && other.WorkflowID == s.workflow
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
	lists, total, err := s.d.Lists.Lists(ctx, s.r.Tenant, kyc.ListFilter{Type: kyc.ListFace, Mode: kyc.ModeBlock}, kyc.Page{Limit: maxLists})
	if err == nil && total > len(lists) {
		a := broken("too_many_lists", "there are more lists of faces than one check can ask")
		return &a
	}
	for i := 0; err == nil && i < len(lists); i++ {
		if !lists[i].ArchivedAt.IsZero() || lists[i].Type != kyc.ListFace || lists[i].Mode != kyc.ModeBlock {
			continue
		}
		var items []kyc.ListItem
		items, err = s.d.Lists.AllListItems(ctx, s.r.Tenant, lists[i].ID)
		for _, item := range items {
			if item.FalsePositive {
				continue
			}
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
