package roster

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"bonafide/kyc"
)

// table reads a CSV file with a header row. It tells a wrong delimiter, a
// wrong table and a file that ends in the middle of a record apart.
type table struct {
	in     Input
	csv    *csv.Reader
	header map[string]int
	width  int
	row    []string
	line   int
}

// columnName makes header cells comparable: "Post/Zip Code" and
// "post_zip_code" are equal.
func columnName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

// newTable finds the header among the first few rows (some files begin with a
// "Last Updated" line) and checks that the needed columns are there. preface,
// if not nil, sees the rows before the header.
func newTable(in Input, comma rune, comma2 string, preface func([]string), needed ...string) (*table, error) {
	head := in.peek()
	t := &table{in: in, csv: newCSV(in, comma)}
	for i := 0; i < 5; i++ {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if otherDelimiter(head, comma, needed) {
				return nil, wrongDelimiter(in.name, comma2)
			}
			return nil, t.fail(err)
		}
		t.line++
		header := make(map[string]int, len(row))
		for k, cell := range row {
			if name := columnName(cell); name != "" {
				if _, twice := header[name]; !twice {
					header[name] = k
				}
			}
		}
		missing := slices.DeleteFunc(slices.Clone(needed), func(n string) bool { _, ok := header[columnName(n)]; return ok })
		if len(missing) == 0 {
			t.header, t.width = header, len(row)
			return t, nil
		}
		// The right words glued into one cell mean another delimiter.
		glued := columnName(strings.Join(row, ""))
		if len(row) <= 2 && !slices.ContainsFunc(needed, func(n string) bool { return !strings.Contains(glued, columnName(n)) }) {
			return nil, wrongDelimiter(in.name, comma2)
		}
		if preface != nil {
			preface(slices.Clone(row))
		}
	}
	return nil, wrongFormat(in.name, "no header with the columns "+strings.Join(needed, ", "))
}

// otherDelimiter reports whether a line has the right column names but not
// the delimiter between them.
func otherDelimiter(head string, comma rune, needed []string) bool {
	for _, line := range strings.SplitN(head, "\n", 6) {
		glued := columnName(line)
		if !strings.ContainsRune(line, comma) && !slices.ContainsFunc(needed, func(n string) bool { return !strings.Contains(glued, columnName(n)) }) {
			return true
		}
	}
	return false
}

func newCSV(in Input, comma rune) *csv.Reader {
	c := csv.NewReader(in.r)
	c.Comma = comma
	c.ReuseRecord = true
	c.LazyQuotes = false
	c.FieldsPerRecord = -1
	return c
}

// fail names what is wrong with the CSV: an open quote at the end is a cut
// file.
func (t *table) fail(err error) *kyc.Error {
	var p *csv.ParseError
	if errors.As(err, &p) && !errors.Is(err, csv.ErrBareQuote) {
		if _, end := t.in.r.Peek(1); errors.Is(end, io.EOF) {
			return truncated(t.in.name, "the last record is not closed")
		}
	}
	return ReadError(t.in.name, err)
}

// next reads a record. A last record with too few columns is a cut file; one
// in the middle is a wrong format.
func (t *table) next(ctx context.Context) (bool, error) {
	t.line++
	if t.line%1024 == 0 && ctx.Err() != nil {
		return false, ReadError(t.in.name, ctx.Err())
	}
	row, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, t.fail(err)
	}
	size := 0
	for _, cell := range row {
		size += len(cell)
	}
	if size > maxLineBytes {
		return false, kyc.Errorf(kyc.TooLarge, "list_too_large", "%s has a record of more than %d MiB in line %d", t.in.name, maxLineBytes>>20, t.line)
	}
	if len(row) != t.width {
		if _, end := t.in.r.Peek(1); errors.Is(end, io.EOF) && len(row) < t.width {
			return false, truncated(t.in.name, "the last record has too few columns")
		}
		return false, kyc.Errorf(kyc.Invalid, "list_format", "%s has %d columns in place of %d in line %d", t.in.name, len(row), t.width, t.line)
	}
	t.row = row
	return true, nil
}

// get reads a cell by one of its column names; the first that exists counts.
func (t *table) get(names ...string) string {
	for _, n := range names {
		if i, ok := t.header[columnName(n)]; ok && i < len(t.row) {
			return Clean(strings.Clone(t.row[i]))
		}
	}
	return ""
}

// list splits a cell at ";".
func (t *table) list(names ...string) []string {
	return splitList(t.get(names...))
}

func splitList(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ";") {
		if p = Clean(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
