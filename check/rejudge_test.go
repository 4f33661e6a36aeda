package check

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/screen"
)

// recorded is an answer as it is read back from the record.
func recorded(t *testing.T, a kyc.Answer) kyc.Answer {
	t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var out kyc.Answer
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// worded is an answer as a text, but for what only reviewers read.
func worded(t *testing.T, a kyc.Answer) string {
	t.Helper()
	a.Hits = slices.Clone(a.Hits)
	for i := range a.Hits {
		a.Hits[i].ToMiss = ""
	}
	if len(a.Marks) == 0 {
		a.Marks = nil
	}
	if len(a.Hits) == 0 {
		a.Hits = nil
	}
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func asks(r kyc.CheckRequest, config string) kyc.CheckRequest {
	r.Config = json.RawMessage(config)
	return r
}

// Whatever is said of another threshold is what the check itself says under it;
// where it cannot be said, nothing is.
func TestFacesAreJudgedAgainAsTheyWouldBe(t *testing.T) {
	t.Parallel()
	configs := []string{``, `{"security_level":"strict"}`, `{"security_level":"very_strict"}`, `{"threshold":0.5}`, `{"threshold":0.15}`, `{"threshold":0.8}`, `{"threshold":0.85}`, `{"threshold":0.9}`, `{"threshold":1}`, `{"threshold":0}`}
	told := map[string]int{}
	for _, score := range []float64{0.05, 0.17, 0.19999, 0.2, 0.49996, 0.5, 0.6, 0.79996, 0.8, 0.80004, 0.84, 0.85, 0.9, 0.99, 0.9963, 0.9999} {
		h, r := goodHouse(), request("face_match")
		h.faces.likeness.Score, h.faces.likeness.Raw = score, 0.5
		m, err := New(clock(), All(h.deps()), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, before := range configs {
			for _, now := range configs {
				was, asked := asks(r, before), asks(r, now)
				a, want := m.Run(t.Context(), was), m.Run(t.Context(), asked)
				got, ok := m.Rejudge(was, recorded(t, a), asked)
				switch {
				case !ok:
					told["not known"]++
				case worded(t, recorded(t, got)) != worded(t, recorded(t, want)):
					t.Errorf("likeness %v, from %s to %s: it says\n%s\nand would be\n%s", score, before, now, worded(t, got), worded(t, want))
				default:
					told[string(a.Verdict)+" to "+string(got.Verdict)]++
					if got.Verdict == kyc.Pass && a.Verdict != kyc.Pass {
						t.Errorf("likeness %v, from %s to %s: a pass that nobody looked into", score, before, now)
					}
				}
			}
		}
	}
	for _, way := range []string{"not known", "pass to pass", "pass to review", "review to review", "fail to fail"} {
		if told[way] == 0 {
			t.Errorf("nothing was %s: %v", way, told)
		}
	}
}

func TestFacesAreNotJudgedAgainByHalf(t *testing.T) {
	t.Parallel()
	score := func(v float64) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Score = v }
	}
	for name, c := range map[string]struct {
		before, now string
		change      func(*house, *kyc.CheckRequest)
		known       bool
	}{
		"stricter, and reached":            {``, `{"threshold":0.9}`, score(0.95), true},
		"stricter, and not reached":        {``, `{"threshold":0.9}`, score(0.85), true},
		"looser, and it passed":            {`{"security_level":"strict"}`, ``, score(0.999), true},
		"looser, and still not reached":    {`{"security_level":"strict"}`, ``, score(0.5), true},
		"looser, and reached only then":    {`{"security_level":"strict"}`, ``, score(0.9), false},
		"the level said otherwise":         {``, `{"security_level":"standard"}`, score(0.9), true},
		"four digits do not tell":          {``, `{"threshold":0.9}`, score(0.90004), false},
		"a copy of the portrait":           {``, `{"threshold":0.9}`, func(h *house, _ *kyc.CheckRequest) { h.faces.likeness.Raw, h.faces.likeness.Score = 0.96, 0.95 }, false},
		"other sources":                    {``, `{"threshold":0.9,"sources":[{"source":"selfie","step_id":"x"}]}`, score(0.95), false},
		"nothing was compared":             {``, `{"threshold":0.9}`, func(_ *house, r *kyc.CheckRequest) { r.Uploads = nil }, false},
		"the service was away":             {``, `{"threshold":0.9}`, func(h *house, _ *kyc.CheckRequest) { h.faces.compareErr = unavailableError("provider_unavailable") }, true},
		"a threshold that is none":         {``, `{"threshold":7}`, score(0.95), false},
		"a likeness that would be for two": {`{"threshold":0.1}`, `{"threshold":0.9}`, score(0.15), false},
	} {
		h, r := goodHouse(), request("face_match")
		h.faces.likeness.Raw = 0.5
		c.change(h, &r)
		m, err := New(clock(), All(h.deps()), nil)
		if err != nil {
			t.Fatal(err)
		}
		was, asked := asks(r, c.before), asks(r, c.now)
		a := recorded(t, m.Run(t.Context(), was))
		if got, ok := m.Rejudge(was, a, asked); ok != c.known {
			t.Errorf("%s: known %t, want %t: %+v of %+v", name, ok, c.known, got, a)
		}
		other := asked
		other.Policy = "age_estimation"
		if _, ok := m.Rejudge(was, a, other); ok {
			t.Errorf("%s: another check answers", name)
		}
	}
}

// A higher threshold leaves what it would have left; a lower one is not known.
func TestHitsAreJudgedAgainAsTheyWouldBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := screen.Open(screen.Options{Dir: filepath.Join(dir, "lists"), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	text := "id,name,type,birth_date,countries\n1,Zoltan Xerxes Quillfeather,person,1971-02-03,DE\n2,Zoltan Quillfeather,person,1971,DE\n3,Zoltan X. Quilfeather,person,1980-01-01,FR\n" +
		"4,Xerxes Quillfeather,person,,\n5,Soltan Quillfether,person,1971-02-03,\n6,Zoltana Quillfeather,person,1990-05-05,US\n7,Somebody Else,person,1971-02-03,DE\n"
	file := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "csv", "house", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	h := goodHouse()
	d := h.deps()
	d.Screener = s
	m, err := New(clock(), All(d), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := request("watchlist_screening")
	r.Extracted = map[string]any{"first_name": "ZOLTAN", "last_name": "QUILLFEATHERS", "date_of_birth": "1971-08-03", "nationality": "DE"}
	thresholds := []float64{0.3, 0.5, 0.6, 0.7, screen.DefaultThreshold, 0.8, 0.85, 0.9, 0.95, 1}
	known, passed := 0, 0
	for _, limit := range []int{1, 2, 10} {
		for _, from := range thresholds {
			for _, to := range thresholds {
				config := func(v float64) string { return fmt.Sprintf(`{"threshold":%v,"limit":%d}`, v, limit) }
				was, asked := asks(r, config(from)), asks(r, config(to))
				if from == screen.DefaultThreshold {
					was = asks(r, fmt.Sprintf(`{"limit":%d}`, limit))
				}
				a, want := m.Run(t.Context(), was), m.Run(t.Context(), asked)
				got, ok := m.Rejudge(was, recorded(t, a), asked)
				if ok != (to >= from) {
					t.Errorf("from %v to %v of %d: known %t", from, to, limit, ok)
				}
				if !ok {
					continue
				}
				known++
				if a.Verdict == kyc.Fail && got.Verdict == kyc.Pass {
					passed++
				}
				if worded(t, recorded(t, got)) != worded(t, recorded(t, want)) {
					t.Errorf("from %v to %v of %d: it says\n%s\nand would be\n%s", from, to, limit, worded(t, got), worded(t, want))
				}
			}
		}
	}
	if known == 0 || passed == 0 {
		t.Errorf("%d were known, %d would pass", known, passed)
	}

	for name, c := range map[string]struct {
		config string
		change func(was, asked *kyc.CheckRequest, a *kyc.Answer)
	}{
		"another limit": {`{"threshold":0.9,"limit":3}`, nil},
		"other lists":   {`{"threshold":0.9,"lists":["house"]}`, nil},
		"many parties":  {`{"threshold":0.9,"documents":true}`, nil},
		"words on hits": {`{"threshold":0.9}`, func(_, asked *kyc.CheckRequest, _ *kyc.Answer) {
			asked.Reviewed = []kyc.ReviewedHit{{List: "house", EntryID: "1"}}
		}},
		"cleared hits":                     {`{"threshold":0.9}`, func(_, _ *kyc.CheckRequest, a *kyc.Answer) { a.Details["cleared"] = []any{} }},
		"a stale list":                     {`{"threshold":0.9}`, func(_, _ *kyc.CheckRequest, a *kyc.Answer) { a.Status, a.Verdict = kyc.StatusStale, "" }},
		"another person":                   {`{"threshold":0.9}`, func(_, asked *kyc.CheckRequest, _ *kyc.Answer) { asked.Tenant.Env = kyc.Sandbox }},
		"a record that contradicts itself": {`{"threshold":0.9}`, func(_, _ *kyc.CheckRequest, a *kyc.Answer) { a.Verdict = kyc.Pass }},
	} {
		was, asked := asks(r, `{"threshold":0.5}`), asks(r, c.config)
		a := recorded(t, m.Run(t.Context(), was))
		if c.change != nil {
			c.change(&was, &asked, &a)
		}
		if got, ok := m.Rejudge(was, a, asked); ok {
			t.Errorf("%s is known: %+v", name, got)
		}
	}
}

// What the sandbox would not say is not said in its name.
func TestTheSandboxIsJudgedAgainOnlyAsItAnswers(t *testing.T) {
	t.Parallel()
	m, err := New(clock(), All(goodHouse().deps()), NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		policy, family, before, now string
		known                       bool
	}{
		"nobody listed, stricter": {"watchlist_screening", "Hals", `{"threshold":0.6}`, `{"threshold":0.7}`, true},
		"nobody listed, looser":   {"watchlist_screening", "Hals", `{"threshold":0.6}`, `{"threshold":0.5}`, false},
		"listed, below the score": {"watchlist_screening", "SANCTION", `{"threshold":0.6}`, `{"threshold":0.7}`, true},
		"listed, above the score": {"watchlist_screening", "SANCTION", `{"threshold":0.6}`, `{"threshold":1}`, false},
		"alike, looser":           {"face_match", "Hals", `{"threshold":0.9}`, `{"threshold":0.8}`, true},
		"alike, above the score":  {"face_match", "Hals", `{"threshold":0.9}`, `{"threshold":0.99}`, false},
	} {
		r := request(c.policy)
		r.Tenant.Env, r.Established, r.Extracted = kyc.Sandbox, nil, nil
		r.Fields["last_name"] = c.family
		was, asked := asks(r, c.before), asks(r, c.now)
		a := recorded(t, m.Run(t.Context(), was))
		got, ok := m.Rejudge(was, a, asked)
		if ok != c.known || ok && got.Verdict != m.Run(t.Context(), asked).Verdict {
			t.Errorf("%s: known %t, want %t: %s", name, ok, c.known, strings.TrimSpace(worded(t, got)))
		}
	}
}
