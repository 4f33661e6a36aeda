package console_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// appCode is what an authenticator app shows, written apart from the program
// after RFC 4226 section 5.3.
func appCode(secret []byte, at time.Time) string {
	msg := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()/30))
	h := hmac.New(sha1.New, secret)
	h.Write(msg)
	sum := h.Sum(nil)
	offset := int(sum[19] & 0xf)
	bin := uint32(sum[offset]&0x7f)<<24 | uint32(sum[offset+1])<<16 | uint32(sum[offset+2])<<8 | uint32(sum[offset+3])
	return fmt.Sprintf("%06d", bin%1000000)
}

// The numbers of RFC 6238 appendix B (SHA-1), the last six digits.
func TestAppCodesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		if got := appCode([]byte("12345678901234567890"), time.Unix(at, 0)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// enrol turns the second factor on and gives its secret and recovery codes.
func (b *browser) enrol() (secret []byte, recovery []string) {
	b.h.t.Helper()
	b.do("POST", "/console/account/factor", url.Values{})
	_, _, page := b.do("GET", "/console/account", nil)
	text := regexp.MustCompile(`type the secret: <span class="mono">([A-Z2-7 ]+)<`).FindStringSubmatch(page)
	if text == nil || !strings.Contains(page, `class="qr"`) {
		b.h.t.Fatalf("no secret on %s", page)
	}
	secret, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(text[1], " ", ""))
	if err != nil {
		b.h.t.Fatal(err)
	}
	if code, _, _ := b.do("POST", "/console/account/factor/confirm", url.Values{"code": {"000000"}}); code != http.StatusUnprocessableEntity {
		b.h.t.Errorf("a wrong first code: %d", code)
	}
	_, _, page = b.do("POST", "/console/account/factor/confirm", url.Values{"code": {appCode(secret, b.h.clock.Now())}})
	for _, m := range regexp.MustCompile(`<li>([a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4})</li>`).FindAllStringSubmatch(page, -1) {
		recovery = append(recovery, m[1])
	}
	if len(recovery) != 10 {
		b.h.t.Fatalf("%d recovery codes on %s", len(recovery), page)
	}
	return secret, recovery
}

func TestTheSecondFactor(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("reviewer")
	secret, recovery := b.enrol()
	used := appCode(secret, h.clock.Now())
	password := url.Values{"email": {"reviewer@acme.example"}, "password": {password}, "to": {"/console/probe/cases/read"}}

	w := h.browser()
	_, header, _ := w.do("POST", "/console/sign-in", password)
	if !strings.HasPrefix(header.Get("Location"), "/console/code?to=") {
		t.Fatalf("the password leads to %s", header.Get("Location"))
	}
	half := w.cookies["bf_console"]
	for _, path := range []string{"/console/probe/cases/read", "/console/account", "/console/api/api/v1/cases", "/console/"} {
		if code, _, _ := w.do("GET", path, nil); code == http.StatusOK || code == http.StatusTeapot {
			t.Errorf("%s is open without the second factor: %d", path, code)
		}
	}
	if code, _, _ := w.do("POST", "/console/probe/cases/write", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("writing without the second factor: %d", code)
	}
	// The code that confirmed the app counts as used.
	for _, code := range []string{used, "123456", "", recovery[0] + "x"} {
		if status, _, _ := w.do("POST", "/console/code", url.Values{"code": {code}}); status != http.StatusUnprocessableEntity {
			t.Errorf("the code %q: %d", code, status)
		}
	}
	h.clock.pass(time.Minute)
	fresh := url.Values{"code": {appCode(secret, h.clock.Now())}, "to": {"/console/probe/cases/read"}}
	if status, header, _ := w.do("POST", "/console/code", fresh); status != http.StatusSeeOther || header.Get("Location") != "/console/probe/cases/read" {
		t.Errorf("a right code: %d to %s", status, header.Get("Location"))
	}
	if w.cookies["bf_console"] == half {
		t.Error("the token stayed the same over the second factor")
	}
	if code, _, body := w.do("GET", "/console/probe/cases/read", nil); code != http.StatusOK {
		t.Errorf("after the second factor: %d %s", code, body)
	}
	again := h.browser()
	again.do("POST", "/console/sign-in", password)
	if status, _, _ := again.do("POST", "/console/code", fresh); status != http.StatusUnprocessableEntity {
		t.Errorf("the same code again: %d", status)
	}
	if status, _, _ := again.do("POST", "/console/code", url.Values{"code": {strings.ToUpper(recovery[3])}}); status != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", status)
	}
	third := h.browser()
	third.do("POST", "/console/sign-in", password)
	if status, _, _ := third.do("POST", "/console/code", url.Values{"code": {recovery[3]}}); status != http.StatusUnprocessableEntity {
		t.Errorf("the same recovery code again: %d", status)
	}
	for _, f := range h.store.factors {
		for _, hash := range f.Recovery {
			if strings.Contains(strings.Join(recovery, " "), hash) {
				t.Error("a recovery code is stored in the clear")
			}
		}
		if len(f.Recovery) != 9 {
			t.Errorf("%d recovery codes are left", len(f.Recovery))
		}
	}
	if got := h.store.actions(); !strings.Contains(got, "user.second_factor_on") || !strings.Contains(got, "user.recovery_code") {
		t.Errorf("audit: %s", got)
	}
	if status, _, _ := w.do("POST", "/console/account/factor/off", url.Values{"code": {"000000"}}); status != http.StatusUnprocessableEntity || len(h.store.factors) != 1 {
		t.Errorf("turned off without a code: %d", status)
	}
	h.clock.pass(time.Minute)
	w.do("POST", "/console/account/factor/off", url.Values{"code": {appCode(secret, h.clock.Now())}})
	if len(h.store.factors) != 0 {
		t.Error("the second factor is still on")
	}
}

// One code that is sent many times at once lets one in.
func TestACodeCountsOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("admin")
	secret, _ := b.enrol()
	h.clock.pass(time.Minute)
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 4 {
		w := h.browser()
		w.do("POST", "/console/sign-in", url.Values{"email": {"admin@acme.example"}, "password": {password}})
		wg.Go(func() {
			status, _, _ := w.do("POST", "/console/code", url.Values{"code": {appCode(secret, h.clock.Now())}})
			mu.Lock()
			defer mu.Unlock()
			if status == http.StatusSeeOther {
				in++
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d came in with one code", in)
	}
}

func TestGuessingCodesIsLockedOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.browser()
	b.signIn("auditor")
	b.enrol()
	w := h.browser()
	w.do("POST", "/console/sign-in", url.Values{"email": {"auditor@acme.example"}, "password": {password}})
	refused := 0
	for i := range 12 {
		if status, _, _ := w.do("POST", "/console/code", url.Values{"code": {fmt.Sprintf("%06d", i)}}); status == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 7 {
		t.Errorf("%d of 12 guesses were refused, want 7", refused)
	}
}
