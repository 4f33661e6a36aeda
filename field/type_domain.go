package field

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

type domainKind struct{}

func (domainKind) spec() TypeSpec {
	return TypeSpec{
		Name: "domain", Category: "semantic",
		Summary: "An internet domain that can be registered under a public suffix.",
		Stored:  "registrable domain in lower case and punycode: www.example.co.uk is stored as example.co.uk",
		Options: []OptionSpec{
			opt("validate_web", "boolean", false, "a web server must answer under the domain (where the server has the look-up switched on)"),
			opt("require_tls", "boolean", false, "it must answer with https; implies the look-up"),
			opt("min_domain_age_days", "integer", 0, "only 0: nothing here can ask a registry for a domain's age yet"),
		},
		Rules: textRules(),
	}
}

func (domainKind) define(d *definer, f *Field, at string) {
	if n := f.MinDomainAgeDays; n != nil && *n != 0 {
		d.add(at+"/min_domain_age_days", "option_not_available", "nothing here can ask a registry for a domain's age yet, so min_domain_age_days can only be 0")
	}
}

func (domainKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	host, ok := hostname(text)
	if !ok {
		c.add(at, "domain_invalid", "this is no domain such as example.com; leave out https:// and everything behind the name")
		return nil, false
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	if !icann && !strings.Contains(suffix, ".") {
		c.add(at, "domain_suffix_unknown", "there is no such public suffix")
		return nil, false
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		c.add(at, "domain_is_suffix", "this is a public suffix, under which domains are registered, and no domain of its own")
		return nil, false
	}
	before := len(c.problems)
	if !c.definition {
		switch {
		case on(f.RequireTLS):
			c.reach(at, "https://"+domain+"/")
		case on(f.ValidateWeb):
			c.reach(at, "http://"+domain+"/")
		}
	}
	return domain, len(c.problems) == before
}
