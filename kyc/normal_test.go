package kyc

import (
	"encoding/json"
	"testing"
	"time"
)

func TestNormalBringsListValuesIntoOneForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ  ListType
		in   string
		want string
		ok   bool
	}{
		{ListName, " Lovelace,  Ada ", "ada lovelace", true},
		{ListName, "ADA LOVELACE", "ada lovelace", true},
		{ListName, " - ", "", false},
		{ListEmail, "Ada@Example.com", "ada@example.com", true},
		{ListEmail, "example.com", "@example.com", true},
		{ListEmail, "@example.com", "@example.com", true},
		{ListEmail, "nothing", "@nothing", false},
		{ListEmail, "a b@example.com", "a b@example.com", false},
		{ListPhone, "+49 (30) 1234-56789", "0123456789", true},
		{ListPhone, "12", "12", false},
		{ListIP, "::ffff:10.0.0.1", "10.0.0.1", true},
		{ListIP, "10.1.2.3/8", "10.0.0.0/8", true},
		{ListIP, "300.1.1.1", "", false},
		{ListGovID, "C01X-00 T47", "c01x00t47", true},
		{ListCountry, "de", "DE", true},
		{ListCountry, "deu", "DEU", false},
		{ListString, "  A   b ", "a b", true},
		{ListString, "", "", false},
		{ListGeo, " 1,2 ", "1,2", true},
	} {
		got, ok := c.typ.Normal(c.in)
		if ok != c.ok || (ok && got != c.want) {
			t.Errorf("%s %q: got %q %v, want %q %v", c.typ, c.in, got, ok, c.want, c.ok)
		}
		if again, ok2 := c.typ.Normal(got); ok && (again != got || !ok2) {
			t.Errorf("%s %q: the normal form of %q is %q", c.typ, c.in, got, again)
		}
	}
	if len(ListTypes()) != 11 || ListEmail.BlindKind() != "list_email" {
		t.Error("list types")
	}
}

func TestOnlyTheSandboxClockCanBeAhead(t *testing.T) {
	t.Parallel()
	o := Org{SandboxOffset: time.Hour}
	c := ClockFunc(func() time.Time { return noon })
	if o.Now(c, Live) != noon || o.Now(c, Sandbox) != noon.Add(time.Hour) {
		t.Error("the sandbox clock is wrong")
	}
}

func TestTellFillsTheWebhookPart(t *testing.T) {
	t.Parallel()
	var silent News
	if e := silent.Tell(Event{Action: "a"}, &Session{}, nil, "created"); e.Webhook != "" || e.Action != "a" {
		t.Errorf("%+v", e)
	}
	n := News(func(o Object, what string, extra map[string]any) (string, json.RawMessage) {
		return "session." + what, json.RawMessage(`{}`)
	})
	e := n.Tell(Event{}, &Session{Surface: SurfaceGraph}, nil, "created")
	if e.Webhook != "session.created" || e.Surface != SurfaceGraph || string(e.Payload) != "{}" {
		t.Errorf("%+v", e)
	}
}
