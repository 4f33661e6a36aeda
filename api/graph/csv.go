package graph

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

// csvColumns are the columns with a meaning of their own, in export order.
func csvColumns() []string {
	return []string{"value", "date_of_birth", "latitude", "longitude", "radius_km", "note"}
}

// maxColumns bounds the columns of an import.
const maxColumns = 50

// readCSV reads a list file: UTF-8, a header row, at most session.MaxRows rows.
// Every problem of the file is one clear line (422 invalid_csv).
func readCSV(raw []byte) ([]kyc.ListValue, error) {
	fail := func(line int, code, format string, args ...any) error {
		return kyc.InvalidInput("invalid_csv", "the CSV file cannot be taken",
			[]kyc.Problem{{Path: fmt.Sprintf("/file/%d", line), Code: code, Message: fmt.Sprintf(format, args...)}})
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		return nil, fail(1, "not_utf8", "the file is not UTF-8")
	}
	r := csv.NewReader(bytes.NewReader(raw))
	header, err := r.Read()
	if err != nil {
		return nil, fail(1, "no_header", "the file has no header row")
	}
	if len(header) > maxColumns {
		return nil, fail(1, "too_many_columns", "at most %d columns", maxColumns)
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(header[i]))
	}
	if !slices.Contains(header, "value") && !slices.Contains(header, "latitude") {
		return nil, fail(1, "value_column_missing", "the header needs a column value (or latitude, longitude and radius_km); columns are separated by commas")
	}
	var out []kyc.ListValue
	for line := 2; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail(line, "malformed_row", "the row does not fit the header: check quotes and commas")
		}
		if len(out) == session.MaxRows {
			return nil, fail(line, "too_many_rows", "at most %d rows", session.MaxRows)
		}
		v, bad := session.RowOf(header, row)
		if bad != "" {
			return nil, fail(line, "not_a_number", "%s must be a number", bad)
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, fail(2, "no_rows", "the file has no rows")
	}
	return out, nil
}

// writeCSV writes items so that readCSV reads them back. A cell that a
// spreadsheet would take for a formula gets an apostrophe in front.
func writeCSV(items []kyc.ListItem) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(csvColumns()) // a buffer takes everything
	for _, it := range items {
		v := it.Value
		_ = w.Write([]string{session.Inert(v.Value), session.Inert(v.DateOfBirth), number(v.Latitude), number(v.Longitude), number(v.RadiusKM), session.Inert(v.Note)})
	}
	w.Flush()
	return b.Bytes()
}

func number(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
