package procedure

import (
	"net/url"
	"slices"
	"strings"
)

// Configuration is the complete configuration of a step. Members beyond
// Required are those of its type.
type Configuration struct {
	// Required is false for a step whose failure is an issue and nothing more.
	Required bool `json:"required"`

	// Sources, Rules and UseDocuments are of KYC: whom to ask, what must match
	// in how many of them, and whether documents read in this execution count
	// as a source, too.
	Sources      []Source `json:"sources,omitempty"`
	Rules        []Rule   `json:"rules,omitempty"`
	UseDocuments *bool    `json:"useDocuments,omitempty"`

	// PEP and AdverseMedia are of AML: which questions to ask besides the
	// sanctions lists.
	PEP          *bool `json:"pep,omitempty"`
	AdverseMedia *bool `json:"adverseMedia,omitempty"`
	// Lists are watchlists (AML) or ids of matchlists (MATCHLIST, BLOCKLIST);
	// empty: all of them.
	Lists []string `json:"lists,omitempty"`

	// Checks are of IDV and FRAUD: the checks to ask, in the order of
	// IDVChecks or FraudChecks.
	Checks []string `json:"checks,omitempty"`
	// Threshold is a score 0-1: of a match of an attribute (KYC), of a hit
	// (AML), of a name (MATCHLIST, BLOCKLIST), of faces (IDV). Absent: the
	// check's own.
	Threshold *float64 `json:"threshold,omitempty"`

	// Traits are of DUPLICATE: what to compare; empty: everything.
	Traits []string `json:"traits,omitempty"`

	// URL, SigningSecret and TimeoutSeconds are of VISA, ACTIVITY and OTHER:
	// the server to ask. SigningSecret names a webhook endpoint of the
	// organisation, whose secret signs the request.
	URL            string   `json:"url,omitempty"`
	SigningSecret  string   `json:"signingSecret,omitempty"`
	TimeoutSeconds *float64 `json:"timeoutSeconds,omitempty"`

	// Branches and Default are of BRANCH: the first branch whose conditions
	// hold is taken, otherwise the default.
	Branches []Branch `json:"branches,omitempty"`
	Default  string   `json:"default,omitempty"`

	// Enabled and MonitoringTypes are of MONITOR_TOGGLE.
	Enabled         *bool    `json:"enabled,omitempty"`
	MonitoringTypes []string `json:"monitoringTypes,omitempty"`
}

// Source is one provider of electronic verification.
type Source struct {
	Name          string `json:"name"`
	URL           string `json:"url"`
	SigningSecret string `json:"signingSecret"`
}

// Rule says when electronic verification succeeds: in at least
// MatchCountRequired sources, and in every one of RequiredSources, each element
// of Matches matched. An element is an attribute or several with "|" between
// them, of which one is enough.
type Rule struct {
	RuleName           string   `json:"ruleName"`
	Matches            []string `json:"matches"`
	MatchCountRequired int      `json:"matchCountRequired"`
	RequiredSources    []string `json:"requiredSources,omitempty"`
}

// RuleAttributes are what a source can match.
func RuleAttributes() []string { return []string{"name", "address", "date_of_birth", "gender"} }

// DefaultRules are the usual "1+1": the name and one further attribute in one
// source.
func DefaultRules() []Rule {
	return []Rule{{RuleName: "default", Matches: []string{"name", "address|date_of_birth"}, MatchCountRequired: 1}}
}

// DocumentsSource is the name under which documents count as a source.
const DocumentsSource = "documents"

// IDVChecks are the checks that an IDV step may ask, in their order.
func IDVChecks() []string {
	return []string{"document_ocr", "document_expiration", "face_match", "liveness"}
}

// FraudChecks are the checks that a FRAUD step may ask, in their order.
func FraudChecks() []string {
	return []string{"email_risk", "phone_risk", "ip_risk", "risk_assessment"}
}

// Traits are what duplicates are found by.
func Traits() []string { return []string{"document_number", "name_dob", "email", "phone", "device"} }

// limits of configurations.
const (
	maxSources = 10
	maxRules   = 20
	maxLists   = 100
)

// configuration reads the configuration of one step; o is nil when it has none.
func (r *reader) configuration(kind string, o *object, at string) Configuration {
	if o == nil {
		o = &object{r: r, at: at}
	}
	c := Configuration{Required: o.flag("required", true)}
	switch kind {
	case TypeStart, TypeFinish, TypeDecision, TypeBranch, TypeMonitorToggle:
		c.Required = true // they ask nothing, so nothing can be missing
	}
	switch kind {
	case TypeKYC:
		c.Sources = r.sources(o)
		c.UseDocuments = ptr(o.flag("useDocuments", false))
		c.Rules = r.rules(o, c)
		c.Threshold = o.optional("threshold", 0, 1)
		c.TimeoutSeconds = ptr(o.decimal("timeoutSeconds", 10, 0.1, 30))
	case TypeAML:
		c.PEP, c.AdverseMedia = ptr(o.flag("pep", true)), ptr(o.flag("adverseMedia", false))
		c.Lists = o.words("lists", maxLists, nil, "list_invalid", func(s string) bool { return len(s) <= 100 })
		c.Threshold = o.optional("threshold", 0.01, 1)
	case TypeIDV:
		c.Checks = o.chosen("checks", IDVChecks(), []string{"document_ocr", "document_expiration"})
		c.Threshold = o.optional("threshold", 0, 1)
	case TypeMatchlist, TypeBlocklist:
		c.Lists = o.words("lists", maxLists, nil, "list_invalid", idLike)
		c.Threshold = ptr(o.decimal("threshold", 0.9, 0.5, 1))
	case TypeDuplicate:
		c.Traits = o.chosen("traits", Traits(), nil)
	case TypeFraud:
		c.Checks = o.chosen("checks", FraudChecks(), []string{"email_risk", "phone_risk", "risk_assessment"})
	case TypeVisa, TypeActivity, TypeOther:
		r.server(o, &c, kind == TypeOther)
	case TypeBranch:
		r.branches(o, &c)
	case TypeMonitorToggle:
		c.Enabled = ptr(o.flag("enabled", true))
		c.MonitoringTypes = o.words("monitoringTypes", 2, MonitoringTypes(), "monitoring_type_invalid", oneOf(MonitoringTypes()...))
		if len(c.MonitoringTypes) == 0 {
			o.fail("monitoringTypes", "monitoring_type_invalid", "leave monitoringTypes out for all types, or name at least one")
		}
	}
	o.done("the configuration of a step of type " + kind)
	if len(c.Lists) == 0 {
		c.Lists = nil // an empty list is none, and is not written
	}
	return c
}

func ptr[T any](v T) *T { return &v }

func on(flag *bool) bool { return flag != nil && *flag }

// optional reads a number that may be absent.
func (o *object) optional(name string, low, high float64) *float64 {
	v, ok := o.get(name)
	if !ok {
		return nil
	}
	if f, ok := o.r.decimal(v, o.path(name), low, high); ok {
		return &f
	}
	return nil
}

// chosen reads some of the given words and puts them in their own order. An
// empty list is an error: a step that asks nothing answers nothing.
func (o *object) chosen(name string, all, missing []string) []string {
	list := o.words(name, len(all), missing, "choice_invalid", oneOf(all...))
	if _, given := o.get(name); given && len(list) == 0 {
		o.fail(name, "choice_required", "name at least one of %s, or leave %s out", strings.Join(all, ", "), name)
	}
	var out []string
	for _, w := range all {
		if slices.Contains(list, w) {
			out = append(out, w)
		}
	}
	return out
}

// idLike takes what an id of a list may look like; whether it exists is for
// the check to find out.
func idLike(s string) bool { return len(s) <= 100 && !strings.ContainsAny(s, " \t\n|/") }

func (r *reader) sources(o *object) []Source {
	list, _ := o.list("sources", maxSources)
	var out []Source
	for i, v := range list {
		so := r.object(v, index(o.path("sources"), i))
		if so == nil {
			continue
		}
		s := Source{Name: strings.TrimSpace(so.text("name", 100)), URL: so.address("url"), SigningSecret: so.text("signingSecret", 200)}
		switch {
		case s.Name == "":
			so.fail("name", "source_name_required", "a source needs a name")
		case s.Name == DocumentsSource:
			so.fail("name", "source_name_reserved", "documents of the person count under this name")
		case slices.ContainsFunc(out, func(have Source) bool { return have.Name == s.Name }):
			so.fail("name", "duplicate_source", "two sources have this name")
		}
		if s.SigningSecret == "" {
			so.fail("signingSecret", "signing_secret_required", "name the webhook endpoint whose secret signs the request")
		}
		so.done("a source")
		out = append(out, s)
	}
	return out
}

// address reads an address that a check may call. What lies behind it is for
// the guard of the client to judge.
func (o *object) address(name string) string {
	s := strings.TrimSpace(o.text(name, 2048))
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		o.fail(name, "url_invalid", "an address begins with https:// or http:// and carries no name or password")
	}
	return s
}

func (r *reader) rules(o *object, c Configuration) []Rule {
	list, given := o.list("rules", maxRules)
	if !given {
		return DefaultRules()
	}
	if len(list) == 0 {
		o.fail("rules", "rules_required", "without a rule nobody could be verified; leave rules out for the usual one")
	}
	var out []Rule
	for i, v := range list {
		ro := r.object(v, index(o.path("rules"), i))
		if ro == nil {
			continue
		}
		rule := Rule{RuleName: strings.TrimSpace(ro.text("ruleName", 100)), MatchCountRequired: ro.whole("matchCountRequired", 1, 1, maxSources+1)}
		if rule.RuleName == "" {
			rule.RuleName = "default"
		}
		if slices.ContainsFunc(out, func(have Rule) bool { return have.RuleName == rule.RuleName }) {
			ro.fail("ruleName", "duplicate_rule", "two rules have the name %q", rule.RuleName)
		}
		rule.Matches = ro.words("matches", len(RuleAttributes()), nil, "match_invalid", ruleElement)
		if len(rule.Matches) == 0 {
			ro.fail("matches", "matches_required", "say what must match: %s", strings.Join(RuleAttributes(), ", "))
		}
		rule.RequiredSources = ro.words("requiredSources", maxSources+1, nil, "unknown_source", func(s string) bool {
			return s == DocumentsSource && on(c.UseDocuments) || slices.ContainsFunc(c.Sources, func(have Source) bool { return have.Name == s })
		})
		if len(rule.RequiredSources) == 0 {
			rule.RequiredSources = nil
		}
		ro.done("a rule")
		out = append(out, rule)
	}
	return out
}

// ruleElement takes attributes with "|" between them.
func ruleElement(s string) bool {
	parts := strings.Split(s, "|")
	for i, p := range parts {
		if !slices.Contains(RuleAttributes(), p) || slices.Contains(parts[:i], p) {
			return false
		}
	}
	return true
}

// server reads the address of somebody's server; without one the check answers
// that it is not configured, unless it is needed.
func (r *reader) server(o *object, c *Configuration, needed bool) {
	_, has := o.get("url")
	_, signed := o.get("signingSecret")
	if has || needed {
		c.URL = o.address("url")
	}
	if c.SigningSecret = o.text("signingSecret", 200); c.SigningSecret == "" && (has || signed || needed) {
		o.fail("signingSecret", "signing_secret_required", "name the webhook endpoint whose secret signs the request")
	}
	if signed && !has && !needed {
		o.fail("url", "url_required", "a signing secret alone reaches nobody")
	}
	c.TimeoutSeconds = ptr(o.decimal("timeoutSeconds", 10, 0.1, 30))
}
