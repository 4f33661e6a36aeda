package screen

import "bonafide/spelling"

// meeting is the working memory of comparing parties with changed entries, one
// name after the other.
type meeting struct {
	*Changes
	counts []tally // by changed name
	found  []uint32
}

// tally is what one name of a party has in common with a changed name.
type tally struct {
	words uint8 // of the party's name
	last  uint8 // the word that last added to it, from 1
	whole bool  // neighbours on one side are one word on the other
}

func newMeeting(c *Changes) *meeting {
	return &meeting{Changes: c, counts: make([]tally, len(c.names))}
}

// closeWords are what a word is similar to among the changed words and runs.
type closeWords struct{ words, runs []uint32 }

func (m *meeting) close(w *shapedWord) closeWords {
	return closeWords{words: near(w, m.words, spelling.AnySimilar, nil), runs: near(w, m.runs, nearlySame, nil)}
}

func (m *meeting) tally(name uint32) *tally {
	t := &m.counts[name]
	if *t == (tally{}) {
		m.found = append(m.found, name)
	}
	return t
}

// word adds the i-th word of the party's name.
func (m *meeting) word(i int, c closeWords) {
	for _, w := range c.words {
		for _, n := range m.words[w].names {
			if t := m.tally(n); t.last != uint8(i+1) {
				t.last = uint8(i + 1)
				t.words++
			}
		}
	}
	for _, w := range c.runs {
		for _, n := range m.runs[w].names {
			m.tally(n).whole = true
		}
	}
}

// joined adds the runs that begin at the i-th of the n words of the party's
// name.
func (m *meeting) joined(i, n int, parts func(int) *part, tokens func(int) *spelling.Token) {
	if i+1 >= n {
		return
	}
	whole := *parts(i)
	for k := 2; k <= maxJoin && i+k <= n; k++ {
		whole.add(parts(i + k - 1))
		if whole.text < 4 {
			continue
		}
		var t spelling.Token
		for size := max(0, int(whole.text)-2); size <= int(whole.text)+2 && size < len(m.byLength); size++ {
			for _, at := range m.byLength[size] {
				w := &m.words[at]
				if n := max(len(w.Fold), int(whole.fold)); w.editable && !w.pet && n <= spelling.MaxWordBytes && 100*joinMisses(w.hard, w.full, &whole) > nearlySame.Limits[n] {
					continue
				}
				if t.Text == "" {
					run := make([]spelling.Token, 0, maxJoin)
					for j := i; j < i+k; j++ {
						run = append(run, *tokens(j))
					}
					t = joinTokens(run)
				}
				if alike(&t, &w.Token, nearlySame) == 0 {
					continue
				}
				for _, name := range w.names {
					m.tally(name).whole = true
				}
			}
		}
	}
}

// decide judges the changed names that have something in common with a name of
// a party, and forgets them.
func (m *meeting) decide(name []spelling.Token, least enough) (touched bool) {
	few := fewSignificant(name)
	for _, n := range m.found {
		t := m.counts[n]
		m.counts[n] = tally{}
		if touched {
			continue
		}
		listed := &m.names[n]
		if !t.whole && least.two && t.words < 2 && (!few || !listed.few) {
			continue
		}
		touched = reaches(name, listed.words, least)
	}
	m.found = m.found[:0]
	return touched
}
