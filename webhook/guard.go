package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// forbidden are the ranges that no message may reach: everything that is not
// a public host of the internet (IANA special-purpose registries for IPv4,
// RFC 6890, and IPv6).
func forbidden() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8",         // this network, RFC 791
		"10.0.0.0/8",        // private, RFC 1918
		"100.64.0.0/10",     // carrier-grade NAT, RFC 6598
		"127.0.0.0/8",       // loopback, RFC 1122
		"169.254.0.0/16",    // link-local and cloud metadata, RFC 3927
		"172.16.0.0/12",     // private, RFC 1918
		"192.0.0.0/24",      // protocol assignments, RFC 6890
		"192.0.2.0/24",      // documentation, RFC 5737
		"192.31.196.0/24",   // AS112, RFC 7535
		"192.52.193.0/24",   // AMT, RFC 7450
		"192.88.99.0/24",    // 6to4 relay, RFC 7526
		"192.168.0.0/16",    // private, RFC 1918
		"192.175.48.0/24",   // AS112, RFC 7534
		"198.18.0.0/15",     // benchmarking, RFC 2544
		"198.51.100.0/24",   // documentation, RFC 5737
		"203.0.113.0/24",    // documentation, RFC 5737
		"224.0.0.0/4",       // multicast, RFC 5771
		"240.0.0.0/4",       // reserved and broadcast, RFC 1112
		"::/96",             // unspecified, loopback, IPv4-compatible, RFC 4291
		"::ffff:0:0/96",     // IPv4-mapped; unmapped before the look-up
		"64:ff9b::/96",      // NAT64, RFC 6052: may lead to private IPv4
		"64:ff9b:1::/48",    // local NAT64, RFC 8215
		"100::/64",          // discard, RFC 6666
		"2001::/23",         // protocol assignments with Teredo, RFC 2928
		"2001:db8::/32",     // documentation, RFC 3849
		"2002::/16",         // 6to4, RFC 3056: may lead to private IPv4
		"2620:4f:8000::/48", // AS112, RFC 7534
		"3fff::/20",         // documentation, RFC 9637
		"5f00::/16",         // segment routing, RFC 9602
		"fc00::/7",          // unique local, RFC 4193
		"fe80::/10",         // link-local, RFC 4291
		"fec0::/10",         // site-local, RFC 3879
		"ff00::/8",          // multicast, RFC 4291
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Guard decides which addresses may be called.
type Guard struct {
	forbidden []netip.Prefix
	allow     []netip.Prefix
	plain     bool
	lookup    func(ctx context.Context, host string) ([]netip.Addr, error)
}

// NewGuard makes a guard. allow names ranges that are reachable although they
// are private (--webhook-allow, and loopback in development). plain permits
// http:// besides https:// for addresses outside of allow.
func NewGuard(allow []netip.Prefix, plain bool) *Guard {
	return &Guard{forbidden: forbidden(), allow: slices.Clone(allow), plain: plain,
		lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}}
}

// errBlocked is what a refused address answers. It does not name the address,
// so that an endpoint cannot be used to explore the inside of a network.
var errBlocked = kyc.Errorf(kyc.Invalid, "address_blocked", "this address is private or reserved; only public addresses can be called (see --webhook-allow)")

// Allowed reports whether an address may be called.
func (g *Guard) Allowed(a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	a = a.Unmap().WithZone("")
	if within(g.allow, a) {
		return true
	}
	return !within(g.forbidden, a)
}

func within(ranges []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Check looks at an URL before it is stored. A name that cannot be resolved
// now is accepted, because it is looked at again with every call.
func (g *Guard) Check(ctx context.Context, raw, path string) *kyc.Problem {
	bad := func(code, message string) *kyc.Problem { return &kyc.Problem{Path: path, Code: code, Message: message} }
	if len(raw) > 2000 {
		return bad("url_too_long", "an address has at most 2,000 characters")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return bad("url_invalid", "this is no absolute URL such as https://example.com/hooks")
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("url_scheme", "only https:// addresses can be called")
	case u.User != nil:
		return bad("url_credentials", "an address may not carry a user name or password")
	case u.Fragment != "":
		return bad("url_fragment", "an address may not carry a fragment")
	case host == "":
		return bad("url_invalid", "the address names no host")
	}
	addrs, literal := g.literal(host)
	if !literal {
		if legacyNumber(host) {
			return bad("url_private", errBlocked.Message)
		}
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if addrs, err = g.lookup(ctx, host); err != nil {
			addrs = nil
		}
	}
	for _, a := range addrs {
		if !g.Allowed(a) {
			return bad("url_private", errBlocked.Message)
		}
	}
	if u.Scheme == "http" && !g.plain && !g.inside(addrs) {
		return bad("url_scheme", "only https:// addresses can be called")
	}
	return nil
}

// inside reports whether every address lies in an allowed private range.
func (g *Guard) inside(addrs []netip.Addr) bool {
	for _, a := range addrs {
		if !within(g.allow, a.Unmap()) {
			return false
		}
	}
	return len(addrs) > 0
}

func (g *Guard) literal(host string) ([]netip.Addr, bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, true
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, true
	}
	return nil, false
}

// legacyNumber recognises the old spellings of IPv4 addresses (2130706433,
// 0x7f.1, 0177.0.0.1) that some resolvers still accept.
func legacyNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" {
		return true
	}
	digits := true
	for i := range len(last) {
		digits = digits && last[i] >= '0' && last[i] <= '9'
	}
	return digits || strings.HasPrefix(last, "0x")
}

// Client makes an HTTP client that calls guarded addresses only: it resolves
// a name once, looks at every address, and connects to one it has looked at
// (a pinned dial), so that a name cannot change between the look and the
// call. Redirects are not followed, proxies of the environment are not used.
func (g *Guard) Client(timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return g.dial(ctx, dialer, network, address)
		},
		MaxIdleConns: 64, MaxIdleConnsPerHost: 4, IdleConnTimeout: 60 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: timeout,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	return &http.Client{Transport: transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (g *Guard) dial(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, literal := g.literal(strings.ToLower(host))
	if !literal {
		if addrs, err = g.lookup(ctx, host); err != nil {
			return nil, err
		}
	}
	// One forbidden address among public ones is a trick: refuse them all.
	for _, a := range addrs {
		if !g.Allowed(a) {
			return nil, errBlocked
		}
	}
	err = errors.New("the name has no address")
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
