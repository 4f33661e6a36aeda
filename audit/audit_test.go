package audit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gowebpki/jcs"

	"bonafide/kyc"
)

func event(n int) kyc.Event {
	return kyc.Event{ID: kyc.ID(fmt.Sprintf("01a1fd57-7dd8-7234-93fd-%012d", n)), Tenant: kyc.Tenant{Org: "org", Env: kyc.Live},
		At: time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC), Actor: kyc.Actor{Kind: kyc.ActorUser, ID: "u<1>"},
		Action: "case.approve", Object: "case", ObjectID: "c"}
}

// variants are events with every optional member on and off.
func variants() map[string]kyc.Event {
	all := event(1)
	all.Actor.OnBehalfOf, all.SubjectID, all.Reason, all.RequestID = "Ada \"Q\"", "s", "because\n\u2028 <ü> \x01", "r\\"
	all.Before, all.After, all.Webhook, all.Surface = "b", "a", "case.approved", kyc.SurfaceGraph
	all.Payload = json.RawMessage(`{"z":[1.50,{"reason":"x","subject_id":"y"}],"a":"\u00e9\ud83d\ude00","tenant":{"b":1e3,"a":-0}}`)
	out := map[string]kyc.Event{"all": all, "none": event(2)}
	for name, drop := range map[string]func(*kyc.Event){
		"no payload": func(e *kyc.Event) { e.Payload = nil }, "no reason": func(e *kyc.Event) { e.Reason = "" },
		"no request": func(e *kyc.Event) { e.RequestID = "" }, "no subject": func(e *kyc.Event) { e.SubjectID = "" },
		"no surface": func(e *kyc.Event) { e.Surface = "" }, "only tenant": func(e *kyc.Event) { e.SubjectID, e.Surface, e.Reason, e.RequestID = "", "", "", "" },
		"tricky texts": func(e *kyc.Event) { e.Action, e.Reason = `"tenant":`, `\"subject_id\":{` },
	} {
		e := all
		drop(&e)
		out[name] = e
	}
	return out
}

func TestCanonicalIsRFC8785(t *testing.T) {
	t.Parallel()
	for name, e := range variants() {
		for _, prev := range []string{"", strings.Repeat("ab", 32)} {
			d, err := Prepare(e)
			if err != nil {
				t.Fatal(err)
			}
			e.Seq, e.PrevHash, e.Hash = 17, prev, ""
			raw, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			want, err := jcs.Transform(raw)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Canonical(17, prev); string(got) != string(want) {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
			again, err := Resume(d.JSON())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if string(again.Canonical(17, prev)) != string(want) {
				t.Errorf("%s: a stored draft became\n%s", name, again.Canonical(17, prev))
			}
		}
	}
	for _, bad := range []string{"", "{}", `{"action":"x"`, `[1]`, "null"} {
		if _, err := Resume([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a draft", bad)
		}
	}
}

func TestPrepareRefusesWhatHasNoCanonicalForm(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{`{"a":1,"a":2}`, `{`, `"\ud800"`, "nope"} {
		e := event(1)
		e.Payload = json.RawMessage(payload)
		if _, err := Prepare(e); err == nil {
			t.Errorf("payload %s has a canonical form", payload)
		}
	}
}

// chain seals n events.
func chain(t *testing.T, n int) []kyc.Event {
	t.Helper()
	prev := ""
	var out []kyc.Event
	for i := range n {
		e := event(i)
		d, err := Prepare(e)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq, e.PrevHash = int64(i+1), prev
		e.Hash = d.Seal(e.Seq, prev)
		prev = e.Hash
		out = append(out, e)
	}
	return out
}

func TestVerify(t *testing.T) {
	t.Parallel()
	good := chain(t, 6)
	if broken, problem := Verify(0, "", good); broken != 0 {
		t.Fatalf("a good chain breaks at %d: %s", broken, problem)
	}
	if broken, _ := Verify(3, good[2].Hash, good[3:]); broken != 0 {
		t.Errorf("a good range breaks at %d", broken)
	}
	for name, c := range map[string]struct {
		spoil func([]kyc.Event) []kyc.Event
		want  int64
	}{
		"changed": {func(e []kyc.Event) []kyc.Event { e[2].Reason = "x"; return e }, 3},
		"rehashed": {func(e []kyc.Event) []kyc.Event {
			e[2].Reason = "x"
			d, _ := Prepare(e[2])
			e[2].Hash = d.Seal(3, e[2].PrevHash)
			return e
		}, 4},
		"taken out": {func(e []kyc.Event) []kyc.Event { return append(e[:3], e[4:]...) }, 4},
		"swapped":   {func(e []kyc.Event) []kyc.Event { e[1], e[2] = e[2], e[1]; return e }, 2},
		"renumbered": {func(e []kyc.Event) []kyc.Event {
			e = append(e[:3], e[4:]...)
			for i := range e {
				e[i].Seq = int64(i + 1)
			}
			return e
		}, 4},
		"doubled": {func(e []kyc.Event) []kyc.Event { return append(e[:2], e[1:]...) }, 3},
	} {
		if broken, problem := Verify(0, "", c.spoil(chain(t, 6))); broken != c.want {
			t.Errorf("%s: broken at %d, want %d (%s)", name, broken, c.want, problem)
		}
	}
	var v Verifier
	for _, e := range good {
		v.Add(e)
	}
	if r := v.Finish("org", 6, good[5].Hash, 0); !r.OK() || r.Checked != 6 || r.Head != good[5].Hash {
		t.Errorf("%+v", r)
	}
	if r := v.Finish("org", 7, "x", 0); r.OK() || r.Broken != 7 {
		t.Errorf("a chain cut short: %+v", r)
	}
}

func FuzzResume(f *testing.F) {
	for _, e := range variants() {
		d, err := Prepare(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(d.JSON())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Resume(raw)
		if err == nil && string(d.JSON()) != string(raw) {
			t.Errorf("%q became %q", raw, d.JSON())
		}
	})
}

func BenchmarkPrepareAndSeal(b *testing.B) {
	e := variants()["all"]
	for b.Loop() {
		d, err := Prepare(e)
		if err != nil {
			b.Fatal(err)
		}
		_ = d.Seal(1, "")
	}
}
