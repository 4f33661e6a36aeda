package screen

import (
	"testing"

	"bonafide/spelling"
)

// TestListsAreWarmBeforeTheyAreAsked holds that lists which come into force have
// answered a question in all scripts before the first one that somebody asks: its
// words are in their memory.
func TestListsAreWarmBeforeTheyAreAsked(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	mustImport(t, s, "csv", "one", writeTemp(t, "one.csv", "id,name,type\n1,Marosen Bartev,person\n"))
	mustImport(t, s, "csv", "two", writeTemp(t, "two.csv", "id,name,type\n1,Kalidu Senfe,person\n"))
	again, err := Open(Options{Dir: s.dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	for what, one := range map[string]*Screener{"after an import": s, "after a start": again} {
		d := one.state.Load().words
		for _, word := range spelling.Tokenize(warmName) {
			if _, ok := d.memory.find(rememberedKey(nil, "", &word, false)); !ok {
				t.Errorf("%s %q was not looked for", what, word.Orig)
			}
		}
	}
	// Nobody can be taken for the name.
	if r := s.Match(Query{Name: warmName, Threshold: DefaultThreshold}); len(r.Hits) > 0 {
		t.Errorf("%+v", r.Hits)
	}
}

// BenchmarkFirstQuestion opens saved lists anew and asks them one question in
// several scripts: what the first one costs who asks it.
func BenchmarkFirstQuestion(b *testing.B) {
	s := crowd(b)
	for b.Loop() {
		b.StopTimer()
		fresh, err := Open(Options{Dir: s.dir})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if r := fresh.Match(Query{Name: "marosen бартев 이 علي 王"}); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}
