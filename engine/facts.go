package engine

import (
	"encoding/json"
	"maps"
	"math"
	"strconv"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// firstFacts are the facts a run begins with. Their top level is fixed:
// extracted, checks, session, subject, risk, lists, gate, vars (api.md 6.3).
func firstFacts(b *Begin) map[string]any {
	session := map[string]any{"id": string(b.Session.ID)}
	set := func(m map[string]any, k, v string) {
		if v != "" {
			m[k] = v
		}
	}
	set(session, "country", b.Session.Country)
	set(session, "external_ref", b.Session.ExternalRef)
	if b.Session.Fields != nil {
		session["fields"] = b.Session.Fields
	}
	if b.Session.Metadata != nil {
		session["metadata"] = b.Session.Metadata
	}
	tags := make([]any, len(b.Session.Tags))
	for i, t := range b.Session.Tags {
		tags[i] = t
	}
	session["tags"] = tags
	subject := map[string]any{}
	set(subject, "id", string(b.Subject.ID))
	set(subject, "external_ref", b.Subject.ExternalRef)
	set(subject, "kind", b.Subject.Kind)
	set(subject, "status", b.Subject.Status)
	lists := map[string]any{}
	for _, l := range b.Lists {
		lists[l.List] = listFact(l)
	}
	none := map[string]any{} // never written into; see group
	return map[string]any{
		"extracted": none, "checks": none, "session": session, "subject": subject,
		"risk": none, "lists": lists, "gate": none, "vars": none,
	}
}

func listFact(l kyc.ListVersion) map[string]any {
	return map[string]any{
		"version": l.Version, "status": string(l.Status), "fictional": l.Fictional,
		"entries": json.Number(strconv.Itoa(l.Entries)), "age_seconds": json.Number(strconv.FormatInt(l.AgeSecs, 10)),
		"as_of": l.AsOf.UTC().Format(time.RFC3339),
	}
}

// learn turns an answer into facts. Only an answer with status ok teaches
// anything beyond its own failure, except that a hit stays one whatever else
// its check could not say.
func (st *stepper) learn(policy, status string, a *kyc.Answer) {
	fact := kyc.CheckFact{Status: status, Reasons: a.Reasons, Hits: a.Hits}
	open := map[string]any{"status": status}
	ok := a.Status == kyc.StatusOK
	if ok {
		fact.Score, fact.Details = a.Score, a.Details
		if a.Score != nil {
			open["score"] = number(*a.Score)
		}
	}
	if a.Details != nil {
		fact.Details = a.Details
		open["details"] = a.Details
	}
	checks := maps.Clone(st.s.Checks)
	checks[policy] = fact
	st.s.Checks = checks
	st.trail.text("check")
	st.trail.text(policy)
	st.trail.text(status)
	if score, ok := open["score"]; ok {
		st.trail.value(score)
	}
	st.setQuietly("checks", policy, open) // status and score are on the trail, details are in the input
	if len(a.Lists) > 0 {
		lists := st.group("lists")
		for _, l := range a.Lists {
			lists[l.List] = listFact(l)
		}
		st.replace("lists", lists)
	}
	if !ok {
		return
	}
	st.extract(a.Fields)
	if policy == "risk_assessment" && a.Score != nil {
		risk := map[string]any{}
		maps.Copy(risk, a.Details)
		risk["score"] = number(*a.Score)
		risk["level"] = riskLevel(*a.Score)
		st.setGroup("risk", risk)
	}
}

// extract adds what was read from documents to the facts.
func (st *stepper) extract(fields []kyc.Field) {
	if len(fields) == 0 {
		return
	}
	extracted := st.group("extracted")
	kyc.Extract(extracted, fields, st.s.BeganAt)
	st.trail.value(extracted)
	st.replace("extracted", extracted)
}

// score computes a score node into risk.
func (st *stepper) score(n *flow.Node) map[string]any {
	total, parts := flow.Score(n, st.s.Facts)
	factors := make([]any, len(parts))
	for i, p := range parts {
		factors[i] = map[string]any{"name": p.Name, "points": p.Points}
	}
	risk := map[string]any{"score": total, "factors": factors}
	if f, err := total.Float64(); err == nil {
		risk["level"] = riskLevel(f)
	}
	st.setGroup("risk", risk)
	return risk
}

// riskLevel names a composite score (api.md 6.9): low to 20, medium to 50,
// high to 80, critical above.
func riskLevel(score float64) string {
	switch {
	case score <= 20:
		return "low"
	case score <= 50:
		return "medium"
	case score <= 80:
		return "high"
	}
	return "critical"
}

// number is a float as JSON writes it.
func number(f float64) json.Number {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return json.Number(mustJSON(f))
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
}

// group is a copy of one top-level fact.
func (st *stepper) group(name string) map[string]any {
	m, _ := st.s.Facts[name].(map[string]any)
	out := make(map[string]any, len(m)+4)
	maps.Copy(out, m)
	return out
}

// replace puts a top-level fact in place without telling the trail.
func (st *stepper) replace(name string, m map[string]any) {
	if !st.own { // once a step; what came in stays as it was
		st.s.Facts, st.own = maps.Clone(st.s.Facts), true
	}
	st.s.Facts[name] = m
}

func (st *stepper) setQuietly(name, key string, v any) {
	m := st.group(name)
	m[key] = v
	st.replace(name, m)
}

// setGroup replaces a whole top-level fact.
func (st *stepper) setGroup(name string, m map[string]any) {
	st.trail.text(name)
	st.trail.value(m)
	st.replace(name, m)
}

// setFact writes one entry below a top-level fact.
func (st *stepper) setFact(name, key string, v any) {
	st.trail.text(name)
	st.trail.text(key)
	st.trail.value(v)
	st.setQuietly(name, key, v)
}
