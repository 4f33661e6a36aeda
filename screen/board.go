package screen

import "bonafide/spelling"

// board holds one name of the query with what the dictionary knows about its
// words; it is the same for all lists.
type board struct {
	d       *dictionary
	sc      *scratch
	q       []spelling.Token
	asked   []shape // the query words
	twice   bool    // a word of the query stands there twice
	joined  []joined
	nearest int // how many are wanted when only what is nearest is; otherwise 0
	// lengths has a bit for each number of letters, up to 63, that neighbours
	// written as one may have to be a word of the query.
	lengths uint64
	// found are the answers of the search, by query word and by joined word;
	// equal words share theirs. They last until the next name of the query.
	found, foundJoined [][]nearWord
	halves             [][]half // by query word, when cut

	// sims are the similarities, in thousandths, of the words in the measured
	// rows with the query's words and joined words, a line of
	// len(q)+len(joined) for each slot. Slot 0 stands for no word.
	sims  []uint16
	joins []bool // the slots that have a joined word
}

// half is a place where a query word may have been put together of two, at
// least one of which stands in the dictionary (first to before end).
type half struct {
	cut                            int
	left, leftEnd, right, rightEnd uint32
}

// newBoard searches the dictionary for the words of a name.
func (d *dictionary) newBoard(sc *scratch, q []spelling.Token) *board {
	sc.near = sc.near[:0]
	b := sc.boards.next()
	*b = board{d: d, sc: sc, q: q, asked: sized(b.asked, len(q)), found: sized(b.found, len(q)), joined: b.joined[:0], foundJoined: b.foundJoined}
	for i := range q {
		b.asked[i] = outline(&q[i])
		if n := int(b.asked[i].text); !b.asked[i].initial {
			for letters := max(0, n-joinGap); letters <= min(n+joinGap, 63); letters++ {
				b.lengths |= 1 << letters
			}
		}
		if same := sameWord(q, i); same < i {
			b.found[i], b.twice = b.found[same], true
		} else {
			b.found[i] = d.recall(sc, &q[i], false)
		}
		for n := 2; n <= maxJoin && i+n <= len(q); n++ {
			b.joined = append(b.joined, joined{at: i, n: n, token: joinTokens(q[i : i+n])})
		}
	}
	b.foundJoined = sized(b.foundJoined, len(b.joined))
	for i := range b.joined {
		b.foundJoined[i] = nil
		if t := &b.joined[i].token; len(t.Text) >= 4 {
			b.foundJoined[i] = d.recall(sc, t, true)
		}
	}
	return b
}

// cut is where a query word may have been put together.
func (b *board) cut(i int) []half {
	if b.halves == nil {
		b.halves = make([][]half, len(b.q))
	}
	if b.halves[i] == nil {
		b.halves[i] = b.d.halves(b.q[i].Text)
	}
	return b.halves[i]
}

// halves lists where a word can be cut so that a half is a word.
func (d *dictionary) halves(text string) []half {
	if len(text) < 6 {
		return nil
	}
	var out []half
	for cut := 2; cut+2 <= len(text); cut++ {
		h := half{cut: cut}
		if cut <= spelling.MaxWordBytes {
			h.left, h.leftEnd = d.withKey(text[:cut])
		}
		if len(text)-cut <= spelling.MaxWordBytes {
			h.right, h.rightEnd = d.withKey(text[cut:])
		}
		if h.leftEnd > 0 || h.rightEnd > 0 {
			out = append(out, h)
		}
	}
	return out
}
