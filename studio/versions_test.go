package studio

import (
	"testing"

	"bonafide/kyc"
)

func TestVersionsSavedOnTheWayAreFolded(t *testing.T) {
	t.Parallel()
	var d versionsData
	for _, r := range []versionRow{{Number: 7, Newest: true}, {Number: 6}, {Number: 5}, {Number: 4, Note: "why"}, {Number: 3}, {Number: 2, Published: true}, {Number: 1}} {
		d.put(r)
	}
	want := []struct {
		folded      bool
		last, first int
	}{{false, 7, 7}, {true, 6, 5}, {false, 4, 4}, {true, 3, 3}, {false, 2, 2}, {true, 1, 1}}
	if len(d.Groups) != len(want) {
		t.Fatalf("groups %+v", d.Groups)
	}
	for i, w := range want {
		if g := d.Groups[i]; g.Folded != w.folded || g.Last != w.last || g.First != w.first {
			t.Errorf("group %d is %+v", i, g)
		}
	}
}

func TestSomebodyIsNamedForEachVersion(t *testing.T) {
	t.Parallel()
	p := people{"u1": "Ada"}
	for want, a := range map[string]kyc.Actor{
		"Ada": {Kind: kyc.ActorKey, ID: "k", OnBehalfOf: "u1"}, "an API key": {Kind: kyc.ActorKey, ID: "k"},
		"a former user": {Kind: kyc.ActorUser, ID: "gone"}, "the program": kyc.SystemActor("demo"),
	} {
		if got := p.of(a); got != want {
			t.Errorf("%+v is %q", a, got)
		}
	}
}

func TestSharesAreWholeNumbersToAHundred(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"25": 25, " 0 ": 0, "100": 100, "101": -1, "-1": -1, "2.5": -1, "": -1, "all": -1} {
		n, ok := percent(text)
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%q is %d", text, n)
		}
	}
}
