package check

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

const policyKYC = "kyc_verification"

type kycConfig struct {
	Sources        []kycSource `json:"sources"`
	Rules          []kycRule   `json:"rules"`
	UseDocuments   bool        `json:"use_documents"`
	Threshold      float64     `json:"threshold"`
	TimeoutSeconds float64     `json:"timeout_seconds"`
}

type kycSource struct {
	Name   string `json:"name"`
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

type kycRule struct {
	Name            string   `json:"name"`
	Matches         []string `json:"matches"`
	Count           int      `json:"count"`
	RequiredSources []string `json:"required_sources"`
}

// kycThreshold is the score from which an attribute matches.
const kycThreshold = 0.85

func kycVerification(d Deps) Check {
	s := spec(policyKYC, "Electronic verification",
		"Asks registers and bureaus whether they know the person: name, address, date of birth, gender. Each source is somebody's server that is asked with a signed POST "+
			`{"type":"kyc.requested","data":{"name":{},"date_of_birth","gender","nationality","address":{}}} and answers {"matches":{"name":true,"address":0.93,"date_of_birth":false},"reference":"…"}: true, false or a score 0-1 for what it knows. `+
			"A rule that is met verifies the person. Manual KYC that is in force answers in its place.", 45*time.Second)
	s.Identity = true
	s.Provides = []string{"details.matched_rules", "details.unmatched_rules", "details.sources", "details.manual"}
	s.ConfigSchema = schema(`
"sources":{"type":"array","maxItems":10,"items":{"type":"object","additionalProperties":false,"required":["name","url","secret"],"properties":{
"name":{"type":"string","minLength":1,"maxLength":100,"description":"What the source is called in results."},
"url":{"type":"string","pattern":"^https?://","maxLength":2048,"description":"Where to ask. Private addresses are refused; redirects are not followed."},
"secret":{"type":"string","minLength":1,"maxLength":200,"description":"Whose secret signs the request: the id of a webhook endpoint of the organisation."}}},"description":"Whom to ask; without one the check is not configured."},
"rules":{"type":"array","minItems":1,"maxItems":20,"items":{"type":"object","additionalProperties":false,"required":["name","matches"],"properties":{
"name":{"type":"string","minLength":1,"maxLength":100,"description":"What the rule is called in results."},
"matches":{"type":"array","minItems":1,"maxItems":4,"items":{"type":"string","pattern":"^(name|address|date_of_birth|gender)([|](name|address|date_of_birth|gender)){0,3}$"},"description":"What must match in one source; | between attributes: one of them."},
"count":{"type":"integer","minimum":1,"maximum":11,"description":"In how many sources."},
"required_sources":{"type":"array","maxItems":11,"items":{"type":"string","maxLength":100},"description":"Sources that must be among them."}}},"description":"Each rule that is met is enough; absent: the name and the address or the date of birth in one source."},
"use_documents":{"type":"boolean","default":false,"description":"What document_ocr read counts as a source named documents."},
"threshold":{"type":"number","minimum":0,"maximum":1,"default":0.85,"description":"Score from which an attribute matches."},
"timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":30,"default":10,"description":"Limit of one call."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer { return verifyPerson(ctx, d, r) }}
}

func readKYCConfig(r kyc.CheckRequest) (kycConfig, error) {
	c := kycConfig{Threshold: kycThreshold, TimeoutSeconds: 10}
	err := decode(r.Config, &c)
	return c, err
}

// lawRules are the rules in the words of the law.
func (c kycConfig) lawRules() []procedure.Rule {
	if len(c.Rules) == 0 {
		return procedure.DefaultRules()
	}
	out := make([]procedure.Rule, len(c.Rules))
	for i, r := range c.Rules {
		out[i] = procedure.Rule{RuleName: r.Name, Matches: r.Matches, MatchCountRequired: max(1, r.Count), RequiredSources: r.RequiredSources}
	}
	return out
}

func verifyPerson(ctx context.Context, d Deps, r kyc.CheckRequest) kyc.Answer {
	c, err := readKYCConfig(r)
	if err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if len(c.Sources) == 0 && !c.UseDocuments {
		return notConfigured("kyc_not_configured", "no source of electronic verification is set up here")
	}
	if len(c.Sources) > 0 && (d.HTTP == nil || d.Secrets == nil) {
		return notConfigured("http_not_configured", "calls to other servers are not set up here")
	}
	who := claimOf(r)
	if bad := who.lacks(c.lawRules()); bad != nil {
		return *bad
	}
	sources := make([]procedure.SourceMatch, len(c.Sources))
	failures := make([]*kyc.Answer, len(c.Sources))
	var all sync.WaitGroup
	for i := range c.Sources {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					a := broken("panic", "asking a source broke")
					failures[i] = &a
				}
			}()
			sources[i], failures[i] = askSource(ctx, d, r, c, c.Sources[i], who)
		})
	}
	all.Wait()
	if c.UseDocuments {
		sources = slices.Concat(sources, []procedure.SourceMatch{documentsAsSource(r, who, c.Threshold)})
	}
	return judgeVerification(c, sources, failures)
}

// judgeVerification applies the rules. Where no rule is met and a source gave
// no answer, nobody knows whether it would have been.
func judgeVerification(c kycConfig, sources []procedure.SourceMatch, failures []*kyc.Answer) kyc.Answer {
	outcomes := procedure.ApplyRules(c.lawRules(), sources)
	met, unmet := []any{}, []any{}
	for _, o := range outcomes {
		shown := map[string]any{"name": o.RuleName, "order": o.Order, "sources": texted(o.Matched), "required": o.MatchCountRequired}
		if o.Verified {
			met = append(met, shown)
		} else {
			unmet = append(unmet, shown)
		}
	}
	matched := 0
	for _, s := range sources {
		for _, m := range s.Matches {
			if s.Answered && m {
				matched++
			}
		}
	}
	details := map[string]any{"manual": false, "sources": plainly(sources), "matched_rules": met, "unmatched_rules": unmet, "matches": matched}
	var reasons []kyc.Reason
	var worst *kyc.Answer
	for i, f := range failures {
		if f == nil {
			continue
		}
		reasons = append(reasons, reason(warning, "source_"+string(f.Status), fmt.Sprintf("source %d gave no answer: %s", i+1, f.Reasons[0].Code)))
		if worst == nil || f.Transient {
			worst = f
		}
	}
	var a kyc.Answer
	switch {
	case len(met) > 0:
		a = passed("kyc_verified", fmt.Sprintf("%d of %d rules are met", len(met), len(outcomes)))
	case worst != nil:
		a = *worst
	case matched > 0:
		a = review("kyc_partial", "some of what the sources know matches, but no rule is met")
	default:
		a = failed("kyc_not_found", "no source knows the person")
	}
	a.Reasons = append(a.Reasons, reasons...)
	a.Details = details
	return a
}
