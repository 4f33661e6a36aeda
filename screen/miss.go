package screen

import (
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/spelling"
)

// missWords is how many words a name may have whose words are tried, and missShown how many
// changes are told.
const (
	missWords = 8
	missShown = 4
)

// nobody is a word that is like no other.
const nobody = "Xqzjvkwq"

// change is one thing that could be different about the party.
type change struct {
	what  string
	query Query
	word  int // the word of the name it is about, from 1
}

// toMiss writes into each hit the smallest single changes of the query after
// which it is no longer a hit. Each is found out by asking for the same entries
// again, all other ones left out; what is not written has not been tried or does
// not suffice. Without a threshold nothing can be missed.
func (s *Screener) toMiss(q Query, hits []kyc.Hit) {
	if q.Threshold <= 0 || len(hits) == 0 {
		return
	}
	q.ToMiss, q.Also, q.Lists, q.Limit, q.among = false, nil, nil, maxLimit, map[string][]string{}
	for _, h := range hits {
		if q.among[h.List] == nil {
			q.Lists = append(q.Lists, h.List)
		}
		q.among[h.List] = append(q.among[h.List], h.EntryID)
	}
	enough := make([][]string, len(hits))
	done := make([][missWords + 1]bool, len(hits)) // words that suffice when left out, by hit
	for _, c := range changesOf(q) {
		left := map[string]bool{}
		for _, h := range s.Match(c.query).Hits {
			left[h.List+"|"+h.EntryID] = true
		}
		for i, h := range hits {
			if left[h.List+"|"+h.EntryID] || done[i][c.word] {
				continue
			}
			done[i][c.word] = c.word > 0
			enough[i] = append(enough[i], c.what)
		}
	}
	for i := range hits {
		n := len(enough[i])
		if n == 0 {
			hits[i].ToMiss = fmt.Sprintf("No single change that was tried brings it below %.2f.", q.Threshold)
			continue
		}
		hits[i].ToMiss = fmt.Sprintf("It would fall below %.2f %s.", q.Threshold, strings.Join(enough[i][:min(n, missShown)], "; or "))
	}
}

// changesOf lists what is tried, in the order in which it is told.
func changesOf(q Query) (out []change) {
	// The made-up date is the first that can be read; it contradicts all others.
	v := q
	v.DateOfBirth, v.BirthDates = "1800-01-01", nil
	if slices.ContainsFunc(append([]string{q.DateOfBirth}, q.BirthDates...), func(s string) bool { _, ok := roster.ParseSpan(s); return ok }) {
		out = append(out, change{what: "with a year of birth that contradicts the listed one", query: v})
	} else {
		out = append(out, change{what: "if a date of birth were given that contradicts the listed one", query: v})
	}
	words := strings.Fields(q.asked())
	named := func(word int, what string, words []string) {
		v := q
		v.Name, v.FirstName, v.LastName = strings.Join(words, " "), "", ""
		out = append(out, change{what, v, word})
	}
	if len(words) == 1 || len(words) > missWords {
		words = nil // another name as a whole says nothing; a long one would cost too much
	}
	for i := range words {
		rest := append(append([]string{}, words[:i]...), words[i+1:]...)
		if word := strings.Trim(words[i], ",;.()"); word != "" {
			if len(rest) > 0 && screenable(spelling.Tokenize(strings.Join(rest, " "))) {
				named(i+1, "without the word “"+word+"”", rest)
			}
			other := append([]string{}, words...)
			other[i] = nobody
			named(i+1, "with another word in place of “"+word+"”", other)
		}
	}
	if q.Country != "" {
		v = q
		v.Country = "AQ" // nobody is a national of Antarctica
		out = append(out, change{what: "with another country", query: v})
	}
	if len(q.Identifiers) > 0 {
		v = q
		v.Identifiers = nil
		out = append(out, change{what: "without the numbers", query: v})
	}
	switch q.Type {
	case roster.TypePerson:
		v = q
		v.Type = roster.TypeEntity
		out = append(out, change{what: "as an organisation", query: v})
	case roster.TypeEntity, roster.TypeVessel, roster.TypeAircraft:
		v = q
		v.Type = roster.TypePerson
		out = append(out, change{what: "as a person", query: v})
	}
	return out
}
