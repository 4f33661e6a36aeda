package media

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"bonafide/screen"
)

// matchQuery writes the full-text query: articles that have, in whatever
// spelling, two of the identifying words of one of the names, or its only one.
func matchQuery(ctx context.Context, tx *sql.Tx, namesake *screen.Namesake) (string, error) {
	var names []string
	for _, words := range namesake.Words() {
		var groups []string
		for i, w := range words {
			if !w.Identifies() || len(groups) >= 6 {
				continue
			}
			spellings := []screen.Spelling{w}
			if i+1 < len(words) { // Abdul Rahman, Abdulrahman
				spellings = append(spellings, screen.Respell(w.Text()+words[i+1].Text(), w.Loose()))
			}
			if i > 0 {
				spellings = append(spellings, screen.Respell(words[i-1].Text()+w.Text(), w.Loose()))
			}
			terms, err := variants(ctx, tx, spellings)
			if err != nil {
				return "", err
			}
			groups = append(groups, terms)
		}
		switch {
		case len(groups) == 1 && groups[0] != "":
			names = append(names, groups[0])
		default:
			for i := range groups {
				for k := i + 1; k < len(groups); k++ {
					if groups[i] != "" && groups[k] != "" {
						names = append(names, "("+groups[i]+" AND "+groups[k]+")")
					}
				}
			}
		}
	}
	return strings.Join(names, " OR "), nil
}

// variants are the terms of the index that are alike to a word, joined by OR;
// empty where there are none.
func variants(ctx context.Context, tx *sql.Tx, spellings []screen.Spelling) (string, error) {
	type variant struct {
		term  string
		alike float64
	}
	var all []variant
	for n, sp := range spellings {
		terms, err := nearTerms(ctx, tx, sp)
		if err != nil {
			return "", err
		}
		least := variantAlike
		if n > 0 {
			least = 0.9 // a joined word must agree almost exactly
		}
		for _, term := range terms {
			if s := screen.Alike(sp, spellingOf(term)); s >= least && !slices.ContainsFunc(all, func(v variant) bool { return v.term == term }) {
				all = append(all, variant{term, s})
			}
		}
	}
	slices.SortFunc(all, func(a, b variant) int {
		return cmp.Or(-cmp.Compare(a.alike, b.alike), cmp.Compare(a.term, b.term))
	})
	terms := make([]string, 0, maxVariants)
	for i := range min(len(all), maxVariants) {
		terms = append(terms, `"`+all[i].term+`"`)
	}
	if len(terms) == 0 {
		return "", nil
	}
	return "(" + strings.Join(terms, " OR ") + ")", nil
}

// nearTerms are the terms that sound, begin or end like a word.
func nearTerms(ctx context.Context, tx *sql.Tx, sp screen.Spelling) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT term FROM words WHERE sound = ?1 UNION SELECT term FROM words WHERE head = ?2 UNION SELECT term FROM words WHERE tail = ?3`,
		sp.Sound(), head(sp), tail(sp))
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			return nil, unreadable(err)
		}
		out = append(out, term)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err)
	}
	return out, nil
}
