package field

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

type emailKind struct{}

func (emailKind) spec() TypeSpec {
	return TypeSpec{
		Name: "email", Category: "contact",
		Summary: "One e-mail address, without a display name.",
		Stored:  "the address with its domain in lower case and punycode; the local part stays as written",
		Options: []OptionSpec{
			opt("validate_email", "boolean", false, "the domain must be able to receive mail (MX look-up, where the server has it switched on)"),
			opt("block_disposable", "boolean", false, "addresses of well-known throw-away services are refused"),
			opt("allowed_domains", "string[]", nil, "domains accepted; \"*.example.com\" accepts its subdomains; absent: all"),
			opt("verify_otp", "boolean", false, "only false: nothing here can send a one-time code yet"),
		},
		Rules: textRules(),
	}
}

func (emailKind) define(d *definer, f *Field, at string) {
	if f.AllowedDomains != nil && len(f.AllowedDomains) == 0 {
		d.add(at+"/allowed_domains", "range_invalid", "an empty list allows no domain at all; leave it out to allow all")
	}
	for i, domain := range f.AllowedDomains {
		bare, sub := strings.CutPrefix(domain, "*.")
		normal, ok := hostname(bare)
		if !ok {
			d.add(fmt.Sprintf("%s/allowed_domains/%d", at, i), "domain_invalid", "%q is no domain", domain)
			continue
		}
		if sub {
			normal = "*." + normal
		}
		f.AllowedDomains[i] = normal
	}
	d.noOTP(f, at)
}

func (emailKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	address, domain, ok := mailbox(clean(text))
	if !ok {
		c.add(at, "email_invalid", "this is no e-mail address such as name@example.com")
		return nil, false
	}
	before := len(c.problems)
	if on(f.BlockDisposable) && disposable(domain) {
		c.add(at, "email_disposable", "addresses of throw-away services are not accepted")
	}
	if f.AllowedDomains != nil && !slices.ContainsFunc(f.AllowedDomains, func(allowed string) bool {
		parent, sub := strings.CutPrefix(allowed, "*")
		return domain == allowed || sub && strings.HasSuffix(domain, parent)
	}) {
		c.add(at, "email_domain_not_allowed", "addresses of this domain are not accepted")
	}
	if on(f.ValidateEmail) && len(c.problems) == before && !c.definition {
		c.mail(at, domain)
	}
	return address, len(c.problems) == before
}

// mail asks whether the domain can receive mail. A look-up that fails refuses
// nobody, but it is written down.
func (c *call) mail(at, domain string) {
	if c.env.MX == nil {
		c.warn(at, "email_lookup_off", "the mail domain was not looked up: look-ups are switched off")
		return
	}
	ok, err := c.env.MX(c.ctx, domain)
	switch {
	case err != nil:
		c.warn(at, "email_lookup_failed", "the mail domain could not be looked up")
	case !ok:
		c.add(at, "email_undeliverable", "the domain of this address cannot receive mail")
	}
}

// mailbox reads an address after RFC 5321 and 6531: at most 64 bytes before
// and 254 bytes in all, a dot-atom (letters of any script) or a quoted string
// before the @, a domain with at least two labels behind it.
func mailbox(s string) (address, domain string, ok bool) {
	cut := strings.LastIndexByte(s, '@')
	if cut < 1 || cut > 64 {
		return "", "", false
	}
	local := s[:cut]
	if quoted := len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"'; quoted {
		if !quotedText(local[1 : len(local)-1]) {
			return "", "", false
		}
	} else {
		for atom := range strings.SplitSeq(local, ".") {
			if atom == "" || strings.IndexFunc(atom, func(r rune) bool { return !isAtom(r) }) >= 0 {
				return "", "", false
			}
		}
	}
	domain, ok = hostname(s[cut+1:])
	if !ok || len(local)+1+len(domain) > 254 {
		return "", "", false
	}
	return local + "@" + domain, domain, true
}

func isAtom(r rune) bool {
	if r > unicode.MaxASCII {
		return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
	}
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// quotedText checks the inside of a quoted local part: printable ASCII, with
// quotes and backslashes escaped.
func quotedText(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) {
				return false
			}
		case '"':
			return false
		}
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// hostname gives a host's name in lower case and punycode. It wants at least
// two labels and refuses IP addresses, ports and everything else around it.
func hostname(s string) (string, bool) {
	s = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), ".")
	if s == "" || len(s) > 1000 || !strings.Contains(s, ".") && !strings.ContainsAny(s, "。．｡") {
		return "", false
	}
	s, err := idna.Lookup.ToASCII(s)
	if err != nil || len(s) > 253 {
		return "", false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", false
		}
	}
	// No top-level domain is all digits (RFC 3696), so this also leaves out
	// every way of writing an IPv4 address.
	last := labels[len(labels)-1]
	if len(labels) < 2 || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", false
	}
	return s, true
}
