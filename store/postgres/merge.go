package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bonafide/store"
)

// mergeLimit is how many statements one merged statement holds at most.
const mergeLimit = 16

// shape is the sequence of texts of a batch.
type shape [mergeLimit]*store.SQL

// guards says which of them must affect a row.
type guards uint32

type mergeKey struct {
	shape  shape
	guards guards
}

// merger makes one statement of a whole batch,
//
//	WITH s0 AS (INSERT …), s1 AS (UPDATE … RETURNING 1)
//	SELECT 1/(SELECT count(*) FROM s1)
//
// which costs the server a third of what the same statements cost one by one.
// The commits of a run have a handful of shapes, so each text is made once and
// stays prepared.
type merger struct{ texts sync.Map } // mergeKey → string

// text gives the merged statement of a batch, or "" when it cannot be merged.
func (m *merger) text(b *store.Batch) string {
	n := len(b.Statements)
	if b.Ordered || n < 2 || n > mergeLimit {
		return ""
	}
	var key mergeKey
	for i := range b.Statements {
		s := &b.Statements[i]
		if !s.SQL.Merges {
			return ""
		}
		key.shape[i] = s.SQL
		if s.Zero != nil {
			key.guards |= 1 << i
		}
	}
	if text, ok := m.texts.Load(key); ok {
		return text.(string)
	}
	text := mergeText(b.Statements)
	m.texts.Store(key, text)
	return text
}

func mergeText(all []store.Statement) string {
	var b strings.Builder
	var checks []string
	n := 0
	for i := range all {
		s := &all[i]
		if i == 0 {
			b.WriteString("WITH ")
		} else {
			b.WriteString(", ")
		}
		name := "s" + strconv.Itoa(i)
		b.WriteString(name + " AS (")
		for j := range len(s.SQL.Text) {
			// The text with ? becomes one whose numbers go on where the
			// statement before ended.
			if c := s.SQL.Text[j]; c != '?' {
				b.WriteByte(c)
				continue
			}
			n++
			b.WriteString("$" + strconv.Itoa(n))
		}
		if s.Zero != nil {
			b.WriteString(" RETURNING 1")
			checks = append(checks, "1/(SELECT count(*) FROM "+name+")")
		}
		b.WriteString(")")
	}
	if len(checks) == 0 {
		checks = []string{"1"}
	}
	b.WriteString(" SELECT " + strings.Join(checks, ", "))
	return b.String()
}

func mergedExec(ctx context.Context, pool *pgxpool.Pool, text string, b *store.Batch) error {
	if _, err := pool.Exec(ctx, text, arguments(b)...); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

// arguments are those of all statements of a batch, in order.
func arguments(b *store.Batch) []any {
	n := 0
	for i := range b.Statements {
		n += len(b.Statements[i].Args)
	}
	args := make([]any, 0, n)
	for i := range b.Statements {
		args = append(args, b.Statements[i].Args...)
	}
	return args
}

// refused reports whether a merged statement was undone because of what it
// found, not because of a fault.
func refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == divisionByZero || e.Code == uniqueViolation)
}
