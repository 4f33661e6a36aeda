package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/kyc"
)

// A play is a few turns that many scenarios take: making a session, sending a
// file, submitting the documents. They stand in testdata/scenarios/plays.json
// by their names; a turn {"play":"papers"} takes them one after the other. What
// such a turn expects or keeps is meant of the play's last turn.
var loadPlays = sync.OnceValues(func() (map[string][]turn, error) {
	raw, err := os.ReadFile("testdata/scenarios/plays.json")
	if err != nil {
		return nil, err
	}
	var plays map[string][]turn
	return plays, strictly(raw, &plays)
})

// perform takes a turn as often as it says and answers what is wrong, or "".
func (r *conversation) perform(t *testing.T, turn turn) string {
	t.Helper()
	for _, set := range turn.sets() {
		for _, names := range []map[string]string{set, turn.Let} {
			for name, text := range names {
				r.vars[name] = r.fill(text)
			}
		}
		for range max(1, turn.Times) {
			var problem string
			if turn.Play == "" {
				problem = r.take(t, turn)
			} else {
				problem = r.play(t, turn)
			}
			if problem != "" {
				return fmt.Sprintf("(%s%s%s) %v: %s", turn.Call, turn.Hook, turn.Play, set, problem)
			}
		}
	}
	return ""
}

func (r *conversation) play(t *testing.T, of turn) string {
	t.Helper()
	plays, err := loadPlays()
	if err != nil {
		t.Fatal(err)
	}
	turns := plays[of.Play]
	if len(turns) == 0 {
		t.Fatalf("there is no play %q", of.Play)
	}
	for i, one := range turns {
		if i == len(turns)-1 {
			one = one.expecting(of)
		}
		if of.As != "" && one.As == "" {
			one.As = of.As
		}
		if problem := r.perform(t, one); problem != "" {
			return problem
		}
	}
	return ""
}

// expecting is the turn with what another one says of its answer.
func (turn turn) expecting(o turn) turn {
	if o.Status != 0 {
		turn.Status = o.Status
	}
	if o.Code != "" {
		turn.Code = o.Code
	}
	if o.Want != nil {
		turn.Want = o.Want
	}
	turn.At, turn.Keep, turn.Head = laid(turn.At, o.At), laid(turn.Keep, o.Keep), laid(turn.Head, o.Head)
	turn.Header = laid(turn.Header, o.Header)
	turn.Not, turn.Holds, turn.Lacks = slices.Concat(turn.Not, o.Not), slices.Concat(turn.Holds, o.Holds), slices.Concat(turn.Lacks, o.Lacks)
	turn.Until = turn.Until || o.Until
	return turn
}

// laid is a map with another one laid over it.
func laid[V any](under, over map[string]V) map[string]V {
	out := maps.Clone(under)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, over)
	return out
}

// speak compares the headers and the text of an answer, and keeps headers
// (@ETag).
func (r *conversation) speak(turn turn, a answer) string {
	for name, want := range turn.Head {
		switch have := a.header.Get(name); {
		case want == "*" && have != "":
		case have != r.fill(want):
			return fmt.Sprintf("the header %s is %q, want %q", name, have, r.fill(want))
		}
	}
	for _, text := range turn.Holds {
		if !strings.Contains(string(a.raw), r.fill(text)) {
			return fmt.Sprintf("%q is not in\n%.4000s", r.fill(text), a.raw)
		}
	}
	for _, text := range turn.Lacks {
		if strings.Contains(string(a.raw), r.fill(text)) {
			return fmt.Sprintf("%q is in\n%.4000s", r.fill(text), a.raw)
		}
	}
	if turn.Exactly != nil {
		var got any
		if json.Unmarshal(a.raw, &got) != nil {
			return "the answer is no JSON: " + string(a.raw)
		}
		if d := r.exactly(turn.Exactly, got); d != "" {
			return d + fmt.Sprintf("\n%.6000s", a.raw)
		}
	}
	return ""
}

// exactly compares lists of problems: by their path, "path code".
func (r *conversation) exactly(want []string, got any) string {
	list, _ := lookUp(got, "errors").([]any)
	var have []string
	for _, one := range list {
		have = append(have, fmt.Sprintf("%v %v", lookUp(one, "path"), lookUp(one, "code")))
	}
	want = slices.Clone(want)
	for i := range want {
		want[i] = r.fill(want[i])
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		return fmt.Sprintf("the problems are %q, want %q", have, want)
	}
	return ""
}

// birthday stands for the date of birth of somebody who turned that many years
// old yesterday.
var birthday = regexp.MustCompile(`\{aged_([0-9]+)\}`)

// dates fills in {aged_51}.
func dates(text string) string {
	return birthday.ReplaceAllStringFunc(text, func(s string) string {
		years, _ := strconv.Atoi(birthday.FindStringSubmatch(s)[1])
		return time.Now().UTC().AddDate(-years, 0, -1).Format(time.DateOnly)
	})
}

// talkers are those who speak in a scenario: two keys that are not held up, the
// same two as they are by default, one that may only read, one that may ask
// once, and a key that ended.
func (s *server) talkers(t *testing.T) (who map[string]*client, org kyc.ID) {
	t.Helper()
	sandbox, live := s.newTenants(t)
	key := func(env kyc.Env, rate float64, scopes ...string) *client {
		_, secret, err := s.app.access.CreateKey(t.Context(), access.KeyRequest{Tenant: kyc.Tenant{Org: sandbox.org, Env: env}, Name: "talk", Scopes: scopes, RatePerSec: rate,
			By: kyc.SystemActor("test")})
		if err != nil {
			t.Fatal(err)
		}
		return &client{url: s.url, key: secret, org: sandbox.org}
	}
	fast := key(kyc.Sandbox, 1000, "*")
	return map[string]*client{"": fast, "sandbox": fast, "live": key(kyc.Live, 1000, "*"), "plain": sandbox, "colleague": live, "slow": key(kyc.Sandbox, 0.01, "*"),
		"reader": key(kyc.Live, 1000, "workflows:read", "sessions:read"), "writer": key(kyc.Sandbox, 1000, "workflows:read", "sessions:read", "sessions:write"),
		"forger": {url: s.url, key: "bf_live_nobody"}, "nobody": {url: s.url}}, sandbox.org
}
