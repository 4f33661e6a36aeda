package store

import (
	"strconv"
	"strings"
)

// SQL is one statement in the words of both databases. It is written once,
// with a ? for each argument, where the two agree.
type SQL struct {
	// Text is for SQLite, with ?.
	Text string
	// Numbered is for PostgreSQL, with $1, $2 …
	Numbered string
	// Guarded is Numbered so that it fails (division by zero, 22012) when no
	// row was affected. In a pipeline that nobody reads until its end, that is
	// how a lost compare-and-set undoes the whole transaction.
	Guarded string
	// Once marks a text made for one call; it is not kept prepared.
	Once bool
	// Merges marks an INSERT or UPDATE of one row, or an INSERT … SELECT, that
	// may stand beside others in one WITH: they all see the rows as they were
	// before, and none meets the row of another.
	Merges bool
}

// merging marks a statement as one that merges.
func merging(s *SQL) *SQL {
	s.Merges = true
	return s
}

// NewSQL makes a statement that both databases understand.
func NewSQL(text string) *SQL { return NewSQLPair(text, text) }

// NewSQLPair makes a statement from two texts with the same arguments.
func NewSQLPair(sqlite, postgres string) *SQL {
	n := number(postgres)
	return &SQL{Text: sqlite, Numbered: n, Guarded: "WITH u AS (" + n + " RETURNING 1) SELECT 1/count(*) FROM u"}
}

// onceSQL makes a statement for one call.
func onceSQL(text string) *SQL {
	s := NewSQL(text)
	s.Once = true
	return s
}

// byID finds one row of a tenant by its primary key; the arguments are
// organisation, environment and id. The empty strings keep PostgreSQL from
// choosing an index that begins with the tenant: while a table has no
// statistics yet such an index looks as good as the primary key, and reading
// every row of the tenant for each write made a terminal commit cost twenty
// times as much as it should (measured).
const byID = "WHERE org_id || '' = ? AND env || '' = ? AND id = ?"

// number replaces each ? by $1, $2 … Our texts have no ? in literals.
func number(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 32)
	n := 0
	for i := range len(text) {
		if text[i] != '?' {
			b.WriteByte(text[i])
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// marks is "?,?,?" for n arguments.
func marks(n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat("?,", n-1) + "?"
}
