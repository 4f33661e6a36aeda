package field

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"bonafide/kyc"
)

type urlKind struct{}

func (urlKind) spec() TypeSpec {
	return TypeSpec{
		Name: "url", Category: "contact",
		Summary: "An absolute web address (http or https) without user name and password.",
		Stored:  "absolute URL with scheme and host in lower case, the host in punycode",
		Options: []OptionSpec{
			opt("require_https", "boolean", false, "only https"),
			opt("check_reachable", "boolean", false, "the address must answer (where the server has the look-up switched on)"),
		},
		Rules: textRules(),
	}
}

func (urlKind) define(*definer, *Field, string) {}

// maxURL is what every browser and server takes, in bytes.
const maxURL = 2048

func (urlKind) read(c *call, f *Field, at string, v any) (any, bool) {
	text, ok := c.text(at, v)
	if !ok {
		return nil, false
	}
	fail := func(code, message string) (any, bool) {
		c.add(at, code, "%s", message)
		return nil, false
	}
	text = clean(text)
	if len(text) > maxURL {
		return fail("too_long", "an address may have at most 2048 bytes")
	}
	if strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || isBidi(r) || r == '\\' }) >= 0 {
		return fail("url_invalid", "an address has no spaces, control characters or backslashes")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return fail("url_invalid", "this is no absolute address such as https://example.com/page")
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fail("url_scheme", "the address must start with https:// or http://")
	case u.User != nil:
		return fail("url_userinfo", "an address may not carry a user name or password")
	case on(f.RequireHTTPS) && u.Scheme != "https":
		return fail("url_not_https", "the address must start with https://")
	}
	host, ok := webHost(u)
	if !ok {
		return fail("url_invalid", "the host of the address is no domain or IP address, or its port is none")
	}
	u.Host = host
	out := u.String()
	if len(out) > maxURL {
		return fail("too_long", "an address may have at most 2048 bytes")
	}
	before := len(c.problems)
	if on(f.CheckReachable) && !c.definition {
		c.reach(at, out)
	}
	return out, len(c.problems) == before
}

func webHost(u *url.URL) (string, bool) {
	host, port := u.Hostname(), u.Port()
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		host = ip.String()
		if ip.Is6() {
			host = "[" + host + "]"
		}
	} else if name, ok := hostname(host); ok {
		host = name
	} else {
		return "", false
	}
	if port == "" {
		return host, !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", false
	}
	return host + ":" + strconv.FormatUint(n, 10), true
}

// reach asks whether an address answers. A look-up that fails refuses nobody,
// but it is written down.
func (c *call) reach(at, address string) {
	if c.env.Reach == nil {
		c.warn(at, "reach_lookup_off", "the address was not tried: look-ups are switched off")
		return
	}
	err := c.env.Reach(c.ctx, address)
	switch {
	case err == nil:
	case kyc.KindOf(err) == kyc.Invalid:
		c.add(at, "url_unreachable", "nothing answers at this address")
	default:
		c.warn(at, "reach_lookup_failed", "the address could not be tried")
	}
}
