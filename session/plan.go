package session

import (
	"context"
	"fmt"
	"strings"

	"bonafide/flow"
	"bonafide/kyc"
)

// chosen is the version a session runs on and how it was picked.
type chosen struct {
	workflow kyc.Workflow
	version  kyc.WorkflowVersion
	graph    *flow.Compiled
	doc      Document
	arm      string
	bucket   int
}

// choose picks the version of a session's workflow that is in force for it
// now, and compiles it.
func (m *Sessions) choose(ctx context.Context, s *kyc.Session, settings kyc.Settings) (chosen, error) {
	w, err := m.d.Store.Workflow(ctx, s.Tenant, s.WorkflowID)
	if err != nil {
		return chosen{}, err
	}
	if w.Published == 0 && w.Rollout == nil {
		return chosen{}, kyc.Errorf(kyc.Conflict, "workflow_not_published", "the session's workflow has no published version")
	}
	c := chosen{workflow: w}
	var number int
	number, c.arm, c.bucket = flow.Choose(w, s.ID)
	if c.version, err = m.d.Store.Version(ctx, s.Tenant, w.ID, number); err != nil {
		return c, err
	}
	c.graph, c.doc, err = m.plans.version(ctx, &c.version, settings)
	return c, err
}

// pinned compiles the version that a session's last run was pinned to.
func (m *Sessions) pinned(ctx context.Context, s *kyc.Session, settings kyc.Settings) (chosen, error) {
	w, err := m.d.Store.Workflow(ctx, s.Tenant, s.WorkflowID)
	if err != nil {
		return chosen{}, err
	}
	c := chosen{workflow: w}
	_, c.arm, c.bucket = flow.Choose(w, s.ID)
	if c.version, err = m.d.Store.Version(ctx, s.Tenant, w.ID, s.Version); err != nil {
		return c, err
	}
	c.graph, c.doc, err = m.plans.version(ctx, &c.version, settings)
	return c, err
}

// Plan tells what capture must collect for a session: of its pinned version
// when it has one, otherwise of the version that is in force for it now.
func (m *Sessions) Plan(ctx context.Context, s *kyc.Session) ([]flow.Requirement, error) {
	_, org, err := m.now(ctx, s.Tenant)
	if err != nil {
		return nil, err
	}
	c, err := m.choose(ctx, s, org.EnvSettings(s.Tenant.Env))
	if err != nil {
		return nil, err
	}
	plan, _ := capturePlan(c, m.d.Catalog)
	return plan, nil
}

func capturePlan(c chosen, catalog map[string]kyc.CheckSpec) ([]flow.Requirement, []kyc.Problem) {
	return flow.CapturePlan(c.doc.DataRequirements, c.graph, catalog)
}

// missing lists every required item of the plan that a session lacks, each
// with a pointer to where it would go.
func missing(plan []flow.Requirement, s *kyc.Session, uploads []kyc.Upload) []kyc.Problem {
	have := kindsOf(uploads)
	var out []kyc.Problem
	for _, r := range plan {
		if !r.Required || provided(r, s, have) {
			continue
		}
		p := kyc.Problem{Path: "/documents/" + r.Name, Code: "document_missing", Message: "upload a file of type " + r.Name}
		switch r.Kind {
		case flow.KindField:
			name := strings.TrimPrefix(r.Name, "user_info.")
			p = kyc.Problem{Path: "/fields/" + name, Code: "field_missing", Message: fmt.Sprintf("the field %s is required", name)}
		case flow.KindAction:
			p = kyc.Problem{Path: "/fields/" + r.Name, Code: "action_missing", Message: fmt.Sprintf("%s must be done or given", r.Name)}
		}
		out = append(out, p)
	}
	return out
}

func provided(r flow.Requirement, s *kyc.Session, have map[string]bool) bool {
	switch r.Kind {
	case flow.KindField:
		return filled(s.Private.Fields[strings.TrimPrefix(r.Name, "user_info.")])
	case flow.KindAction:
		// An action is done by its file (a recorded liveness film), or, for a
		// consent, by the applicant's true.
		if have[r.Name] {
			return true
		}
		v := s.Private.Fields[r.Name]
		if consents, ok := s.Private.Fields["consents"].(map[string]any); ok && v == nil {
			v = consents[strings.TrimPrefix(r.Name, "consent:")]
		}
		return v == true
	}
	// "a|b" is served by either.
	for _, name := range strings.Split(r.Name, "|") {
		if have[name] {
			return true
		}
	}
	return false
}

func filled(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return strings.TrimSpace(v) != ""
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return true
}

// Provided says whether a session has what a requirement asks for; files are
// those of the session.
func Provided(r flow.Requirement, s *kyc.Session, files []kyc.Upload) bool {
	return provided(r, s, kindsOf(files))
}

// kindsOf are the kinds of the files in force. A passport has all it says on
// one page, so whoever sent its front has sent its back; what the run reads
// there decides whether it is one.
func kindsOf(files []kyc.Upload) map[string]bool {
	have := map[string]bool{}
	for _, u := range files {
		if u.Superseded {
			continue
		}
		have[u.Kind] = true
		if u.Kind == "document_front" && u.DocumentType == "passport" {
			have["document_back"] = true
		}
	}
	return have
}
