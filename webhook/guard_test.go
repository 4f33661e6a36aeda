package webhook

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestGuardKnowsWhatIsNoPublicAddress(t *testing.T) {
	t.Parallel()
	g := NewGuard(nil, false)
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "93.184.216.34": true, "172.15.255.255": true, "172.32.0.1": true, "100.63.255.255": true,
		"100.128.0.1": true, "169.253.1.1": true, "192.167.1.1": true, "198.17.0.1": true, "223.255.255.255": true,
		"2606:4700:4700::1111": true, "2a00:1450:4001::1": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "10.255.255.255": false, "100.64.0.1": false, "100.127.255.254": false,
		"127.0.0.1": false, "127.255.1.1": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.8": false,
		"192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false, "198.51.100.7": false, "203.0.113.9": false,
		"224.0.0.1": false, "239.1.1.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true,
		"64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "100::1": false, "2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false,
		"fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false,
	} {
		if got := g.Allowed(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Allowed(%s) = %v", addr, got)
		}
	}
	if g.Allowed(netip.Addr{}) {
		t.Error("no address at all is allowed")
	}
}

func TestCheckRefusesBadURLsAtSaveTime(t *testing.T) {
	t.Parallel()
	g := NewGuard(nil, false)
	g.lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "inside.example":
			return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("10.1.1.1")}, nil
		case "gone.example":
			return nil, errors.New("no such host")
		}
		return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
	}
	for url, code := range map[string]string{
		"https://example.com/hooks?x=1":         "",
		"https://example.com:8443/":             "",
		"https://gone.example/":                 "", // looked at again with every call
		"http://example.com/":                   "url_scheme",
		"ftp://example.com/":                    "url_scheme",
		"file:///etc/passwd":                    "url_invalid",
		"gopher://example.com":                  "url_scheme",
		"":                                      "url_invalid",
		"example.com":                           "url_invalid",
		"https://":                              "url_invalid",
		"https://:443/":                         "url_invalid",
		"https://user:pw@example.com/":          "url_credentials",
		"https://example.com/#x":                "url_fragment",
		"https://127.0.0.1/":                    "url_private",
		"https://localhost/":                    "url_private",
		"https://LOCALHOST./":                   "url_private",
		"https://api.localhost/":                "url_private",
		"https://[::1]/":                        "url_private",
		"https://[::ffff:169.254.169.254]/":     "url_private",
		"https://169.254.169.254/latest/":       "url_private",
		"https://2130706433/":                   "url_private",
		"https://0x7f000001/":                   "url_private",
		"https://0177.0.0.1/":                   "url_private",
		"https://127.1/":                        "url_private",
		"https://inside.example/":               "url_private",
		"https://example.com/" + longPath(2000): "url_too_long",
	} {
		p := g.Check(t.Context(), url, "/url")
		got := ""
		if p != nil {
			got = p.Code
		}
		if got != code {
			t.Errorf("Check(%.60s) = %q, want %q", url, got, code)
		}
	}
	dev := NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, false)
	if p := dev.Check(t.Context(), "http://127.0.0.1:9000/", "/url"); p != nil {
		t.Errorf("an allowed range: %+v", p)
	}
	if p := dev.Check(t.Context(), "http://10.0.0.1/", "/url"); p == nil {
		t.Error("a range that was not allowed")
	}
}

func longPath(n int) string { return strings.Repeat("x", n) }

func TestTheDialIsPinnedToAddressesThatWereLookedAt(t *testing.T) {
	t.Parallel()
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	port := srv.URL[strings.LastIndex(srv.URL, ":"):]
	g := NewGuard(nil, true)
	// The name was public when it was saved; now it points inside.
	g.lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("127.0.0.1")}, nil
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://rebind.example"+port+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := g.Client(time.Second).Do(req); !errors.Is(err, errBlocked) {
		if err == nil {
			resp.Body.Close()
		}
		t.Errorf("a rebound name: %v", err)
	}
	if reached {
		t.Error("the inside was reached")
	}
	if msg := plain(errBlocked); strings.Contains(msg, "127") {
		t.Errorf("the error tells about the inside: %s", msg)
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"https://example.com", "http://[::1]", "https://a@b", "//x", "https://%zz"} {
		f.Add(s)
	}
	g := NewGuard(nil, false)
	g.lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("offline") }
	f.Fuzz(func(t *testing.T, url string) {
		if p := g.Check(t.Context(), url, "/url"); p == nil && !strings.HasPrefix(strings.ToLower(url), "https://") {
			t.Errorf("accepted %q", url)
		}
	})
}
