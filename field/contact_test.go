package field_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bonafide/field"
	"bonafide/kyc"
)

func TestEmail(t *testing.T) {
	mx := func(answer bool, err error) *field.Env {
		return &field.Env{MX: func(context.Context, string) (bool, error) { return answer, err }}
	}
	any := `"type":"email"`
	rows := []answer{
		{in: `" Ann.O'Neil+kyc@Example.COM "`, def: any, want: `"Ann.O'Neil+kyc@example.com"`},
		{in: `"пример@почта.рф"`, def: any, want: `"пример@xn--80a1acny.xn--p1ai"`},
		{in: `"\"a b\"@example.com"`, def: any, want: `"\"a b\"@example.com"`},
		{name: "64 bytes", in: `"` + strings.Repeat("a", 64) + `@example.com"`, def: any, want: `"` + strings.Repeat("a", 64) + `@example.com"`},
		{in: `"a@mailinator.com"`, def: any + `,"block_disposable":true`, problem: "email_disposable"},
		{in: `"a@eu.mailinator.com"`, def: any + `,"block_disposable":true`, problem: "email_disposable"},
		{in: `"a@notmailinator.com"`, def: any + `,"block_disposable":true`, want: `"a@notmailinator.com"`},
		{in: `"a@sub.example.com"`, def: any + `,"allowed_domains":["example.com"]`, problem: "email_domain_not_allowed"},
		{in: `"a@sub.example.com"`, def: any + `,"allowed_domains":["*.Example.com"]`, want: `"a@sub.example.com"`},
		{name: "no mail server", in: `"a@example.com"`, def: any + `,"validate_email":true`, env: mx(false, nil), problem: "email_undeliverable"},
		{name: "mail server", in: `"a@example.com"`, def: any + `,"validate_email":true`, env: mx(true, nil), want: `"a@example.com"`},
		{name: "look-up broke", in: `"a@example.com"`, def: any + `,"validate_email":true`, env: mx(true, errors.New("timeout")), want: `"a@example.com"`, warning: "email_lookup_failed"},
		{name: "look-up off", in: `"a@example.com"`, def: any + `,"validate_email":true`, want: `"a@example.com"`, warning: "email_lookup_off"},
		{in: `7`, def: any, problem: "wrong_type"},
	}
	for _, bad := range []string{
		`Ann <a@example.com>`, `a@b`, `a@localhost`, `@example.com`, `a@`, `a..b@example.com`, `.a@example.com`, `a.@example.com`,
		`a b@example.com`, `a@exa mple.com`, `a@-x.com`, `a@x-.com`, `a@x..com`, `a@[127.0.0.1]`, `a@127.0.0.1`, `a@b@example.com`,
		`a,b@example.com`, `a@example.com, b@example.com`, `mailto:a@example.com`, `"a@example.com`, `a@example.123`,
		strings.Repeat("a", 65) + `@example.com`, `a@` + strings.Repeat("x", 64) + `.com`, `a@` + strings.Repeat("x.", 124) + `example.com`,
	} {
		rows = append(rows, answer{name: bad, in: encode(t, bad), def: any, problem: "email_invalid"})
	}
	table(t, rows)
}

func TestPhone(t *testing.T) {
	german := &field.Env{Region: "DE"}
	intl, mobile, national := `"type":"phone"`, `"type":"phone","require_mobile":true`, `"type":"phone","format":"national"`
	table(t, []answer{
		{in: `"+49 1512 3456789"`, def: mobile, want: `"+4915123456789"`},
		{in: `"+1 (415) 555-2671"`, def: mobile, want: `"+14155552671"`}, // the plan cannot tell
		{in: `"+49 30 901820"`, def: mobile, problem: "phone_not_mobile"},
		{in: `"+49 30 901820"`, def: intl, want: `"+4930901820"`},
		{in: `"+44 (0)20 7946 0018"`, def: intl, want: `"+442079460018"`},
		{in: `"+44 7911 123456"`, def: mobile, want: `"+447911123456"`},
		{name: "national in an international field", in: `"030 901820"`, def: intl, env: german, problem: "phone_not_international"},
		{name: "national", in: `"030 901820"`, def: national, env: german, want: `"+4930901820"`},
		{name: "national without region", in: `"030 901820"`, def: national, problem: "phone_region_unknown"},
		{name: "international in a national field", in: `"+33 6 12 34 56 78"`, def: national, env: german, want: `"+33612345678"`},
		{in: `"+1 800 FLOWERS"`, def: intl, problem: "phone_invalid"},
		{in: `"+49 30 901820 ext 5"`, def: intl, problem: "phone_invalid"},
		{in: `"+49 12"`, def: intl, problem: "phone_invalid"},
		{in: `"+999 123456789"`, def: intl, problem: "phone_invalid"},
		{in: `"++49301234567"`, def: intl, problem: "phone_invalid"},
		{in: `"+4930901820"`, def: intl + `,"allowed_countries":["de"]`, want: `"+4930901820"`},
		{in: `"+33612345678"`, def: intl + `,"allowed_countries":["DE","AT"]`, problem: "country_not_allowed"},
		{in: `4930901820`, def: intl, problem: "wrong_type"},
	})
}

func TestURL(t *testing.T) {
	reach := func(err error) *field.Env {
		return &field.Env{Reach: func(context.Context, string) error { return err }}
	}
	any := `"type":"url"`
	rows := []answer{
		{in: `"HTTPS://Example.COM/Path?q=1#x"`, def: any, want: `"https://example.com/Path?q=1#x"`},
		{in: `"http://müller.de:8080/"`, def: any, want: `"http://xn--mller-kva.de:8080/"`},
		{in: `"https://[2001:DB8::1]/"`, def: any, want: `"https://[2001:db8::1]/"`},
		{in: `"http://example.com"`, def: any + `,"require_https":true`, problem: "url_not_https"},
		{in: `"https://user:pw@example.com"`, def: any, problem: "url_userinfo"},
		{in: `"https://user@example.com"`, def: any, problem: "url_userinfo"},
		{in: `"ftp://example.com"`, def: any, problem: "url_scheme"},
		{name: "answers", in: `"https://example.com"`, def: any + `,"check_reachable":true`, env: reach(nil), want: `"https://example.com"`},
		{name: "does not answer", in: `"https://example.com"`, def: any + `,"check_reachable":true`, env: reach(kyc.Errorf(kyc.Invalid, "no_answer", "nothing there")), problem: "url_unreachable"},
		{name: "look-up broke", in: `"https://example.com"`, def: any + `,"check_reachable":true`, env: reach(errors.New("resolver down")), want: `"https://example.com"`, warning: "reach_lookup_failed"},
		{name: "look-up off", in: `"https://example.com"`, def: any + `,"check_reachable":true`, want: `"https://example.com"`, warning: "reach_lookup_off"},
		{in: `1`, def: any, problem: "wrong_type"},
	}
	for _, bad := range []string{"example.com", "/path", "https://", "https:example.com", "https://localhost/", "https://exa mple.com", "https://example.com:99999", "https://example.com:0", `https://example.com\@evil.com`, "https://1.2.3", "https://a_b.com"} {
		rows = append(rows, answer{in: encode(t, bad), def: any, problem: "url_invalid"})
	}
	rows = append(rows, answer{in: `"javascript:alert(1)"`, def: any, problem: "url_invalid"})
	table(t, rows)
}

func TestDomain(t *testing.T) {
	any := `"type":"domain"`
	table(t, []answer{
		{in: `"www.Example.co.uk"`, def: any, want: `"example.co.uk"`},
		{in: `"example.com."`, def: any, want: `"example.com"`},
		{in: `"müller.de"`, def: any, want: `"xn--mller-kva.de"`},
		{in: `"a.b.github.io"`, def: any, want: `"b.github.io"`},
		{in: `"co.uk"`, def: any, problem: "domain_is_suffix"},
		{in: `"com"`, def: any, problem: "domain_invalid"},
		{in: `"192.168.0.1"`, def: any, problem: "domain_invalid"},
		{in: `"[::1]"`, def: any, problem: "domain_invalid"},
		{in: `"https://example.com"`, def: any, problem: "domain_invalid"},
		{in: `"example.com/x"`, def: any, problem: "domain_invalid"},
		{in: `"example.invalidtld"`, def: any, problem: "domain_suffix_unknown"},
		{in: `"exa_mple.com"`, def: any, problem: "domain_invalid"},
		{name: "web off", in: `"example.com"`, def: any + `,"validate_web":true`, want: `"example.com"`, warning: "reach_lookup_off"},
		{name: "tls fails", in: `"example.com"`, def: any + `,"require_tls":true`, problem: "url_unreachable", env: &field.Env{Reach: func(_ context.Context, url string) error {
			if url == "https://example.com/" {
				return kyc.Errorf(kyc.Invalid, "tls", "no certificate")
			}
			return nil
		}}},
		{in: `5`, def: any, problem: "wrong_type"},
	})
}
