package office

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestActionsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{"": nil, "case.reject": nil, "reject": {"case.reject"}, " Reject ": {"case.reject"}, "sign in": {"user.sign_in"}, "approve": {"case.approve", "session.approve"}, "nonsense": {}} {
		if got := meant(text); !slices.Equal(got, want) {
			t.Errorf("%q means %v", text, got)
		}
	}
}

// Every action that is offered is written somewhere in the program.
func TestOfferedActionsExist(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, filepath.Join("..", "office")) || path == filepath.Join("..", "console", "said.go") {
			return err
		}
		b, err := os.ReadFile(path)
		source.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{"audit.export": true} // by this room
	for _, m := range regexp.MustCompile(`"([a-z_]+\.[a-z_]+)"`).FindAllStringSubmatch(source.String(), -1) {
		written[m[1]] = true
	}
	for _, a := range actions() {
		if !written[a] {
			t.Errorf("nothing writes %s", a)
		}
	}
}

func TestWhoDidIt(t *testing.T) {
	t.Parallel()
	r := roll{map[string]string{"u": "Ada"}, map[string]string{"k": "Deposit bot"}}
	for a, want := range map[kyc.Actor]string{{Kind: kyc.ActorUser, ID: "u"}: "Ada", {Kind: kyc.ActorUser, ID: "x"}: "a person of the past", {Kind: kyc.ActorKey, ID: "k", OnBehalfOf: "anna"}: "API key Deposit bot for anna",
		{Kind: kyc.ActorApplicant, ID: "p"}: "applicant", kyc.SystemActor("engine"): "Bonafide (engine)"} {
		if got := r.of(a); got.Name != want || (a.Kind == kyc.ActorUser || a.Kind == kyc.ActorKey) != (got.ID != "") {
			t.Errorf("%v is %+v", a, got)
		}
	}
	menu := r.menu("p")
	if len(menu) != 4 || !menu[3].On || menu[3].Value != "p" {
		t.Errorf("the menu is %v", menu)
	}
}

func TestWhatWasSaid(t *testing.T) {
	t.Parallel()
	s := kyc.Session{Status: kyc.SessionApproved, Private: kyc.SessionData{Fields: map[string]any{"nick": "Countess", "email": "ada@example.com", "first_name": "Ada", "pep": false, "address": map[string]any{"city": "London", "no": 12.0}, "empty": ""}}}
	got := saidIn(&s)
	want := []saidRow{{"First name", "Ada"}, {"Email", "ada@example.com"}, {"Address", "city: London, no: 12"}, {"Nick", "Countess"}, {"Pep", "no"}}
	if !slices.Equal(got, want) {
		t.Errorf("said: %v", got)
	}
	if got := reach([]kyc.Session{{}, s}, "email"); got != "ada@example.com" {
		t.Errorf("reached at %q", got)
	}
	s.WithheldAt = time.Unix(1, 0)
	if saidIn(&s) != nil || reach([]kyc.Session{s}, "email") != "" {
		t.Error("a session that nobody can read still speaks")
	}
	p := sessionPage{}
	p.used(time.Unix(20, 0))
	p.used(time.Time{})
	p.used(time.Unix(10, 0))
	p.used(time.Unix(30, 0))
	if p.firstUse != time.Unix(10, 0) {
		t.Errorf("first used %v", p.firstUse)
	}
}
