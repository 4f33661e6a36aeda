package office

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/session"
)

// maxColumns bounds the columns of an import, as the API does.
const maxColumns = 50

// readRows reads the rows of a list from CSV in UTF-8: a header with the
// column value (or latitude, longitude and radius_km), and date_of_birth and
// note if wanted; a file without such a header is taken as one value a line.
// At most session.MaxRows rows. The answer are the values and the line of the
// first of them, or what is wrong.
func readRows(raw []byte) (out []kyc.ListValue, first int, problems []kyc.Problem) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	fail := func(line int, code, format string, args ...any) []kyc.Problem {
		return []kyc.Problem{{Path: fmt.Sprintf("/file/%d", line), Code: code, Message: fmt.Sprintf("line %d: ", line) + fmt.Sprintf(format, args...)}}
	}
	if !utf8.Valid(raw) {
		return nil, 0, fail(1, "not_utf8", "the file is not UTF-8")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, 0, fail(1, "no_rows", "there is nothing to import")
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	header, line := []string{"value"}, 0
	first = 1
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line++
		if err != nil {
			return nil, 0, fail(line, "malformed_row", "check the quotes and commas")
		}
		if line == 1 {
			if names := lowered(row); slices.Contains(names, "value") || slices.Contains(names, "latitude") {
				if len(names) > maxColumns {
					return nil, 0, fail(line, "too_many_columns", "at most %d columns", maxColumns)
				}
				header, first = names, 2
				continue
			}
		}
		if len(row) > len(header) {
			return nil, 0, fail(line, "malformed_row", "it has %d columns and the header %d; write a header with value, date_of_birth, note", len(row), len(header))
		}
		if len(out) == session.MaxRows {
			return nil, 0, fail(line, "too_many_rows", "at most %d rows", session.MaxRows)
		}
		v, bad := session.RowOf(header, row)
		if bad != "" {
			return nil, 0, fail(line, "not_a_number", "%s must be a number", bad)
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, 0, fail(line+1, "no_rows", "the file has no rows")
	}
	return out, first, nil
}

func lowered(row []string) []string {
	out := make([]string, len(row))
	for i, s := range row {
		out[i] = strings.ToLower(strings.TrimSpace(s))
	}
	return out
}

// table writes rows as CSV. A cell that a spreadsheet would take for a formula
// gets an apostrophe (OWASP, CSV Injection).
func table(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				cell = "'" + cell
			}
			safe[i] = cell
		}
		_ = w.Write(safe) // a buffer takes everything
	}
	w.Flush()
	return b.Bytes()
}

// lead is a number with at most one digit behind the point.
func lead(v float64) string {
	return strings.TrimSuffix(strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), "0"), ".")
}
