package roster

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// manyFTM makes lines of several batches: parties that come again, offices
// before and after their holders, empty lines.
func manyFTM(n int) []byte {
	var out bytes.Buffer
	for i := range n {
		id := i
		if i%97 == 0 && i > 0 {
			id = i / 2
		}
		fmt.Fprintf(&out, `{"id":"P%d","caption":"Person Number%d","schema":"Person","properties":{"name":["Person Number%d"],"alias":["Alias %d","Псевдоним %d"],"birthDate":["19%02d"],"country":["de","fr"]},"datasets":["d%d","all"]}`, id, id, id, i, i, i%100, i%3)
		out.WriteString([...]string{"\n", "\r\n", "\n\n"}[i%3])
		switch i % 50 {
		case 7:
			fmt.Fprintf(&out, `{"id":"O%d","schema":"Occupancy","properties":{"holder":["P%d"],"post":["Q%d"]}}`+"\n", i, (i+30)%n, i)
		case 9:
			fmt.Fprintf(&out, `{"id":"Q%d","schema":"Position","caption":"Minister %d","properties":{"name":["Minister %d"]}}`+"\n", i-2, i, i)
		case 11:
			fmt.Fprintf(&out, `{"id":"F%d","schema":"Family","properties":{"person":["P%d"],"relative":["P%d"],"relationship":["spouse"]}}`+"\n", i, i, i-4)
		case 13:
			fmt.Fprintf(&out, `{"id":"A%d","schema":"Address","properties":{"full":["x"]}}`+"\n", i)
		}
	}
	return out.Bytes()
}

// TestLinesInParallelAreReadInOrder compares with reading one line after the
// other.
func TestLinesInParallelAreReadInOrder(t *testing.T) {
	t.Parallel()
	raw := manyFTM(6000)
	if len(raw) < 4*batchBytes {
		t.Fatalf("%d bytes are too few batches", len(raw))
	}
	for range 3 {
		got, err := parseFTM(t.Context(), []Input{opened(t, raw)})
		if err != nil {
			t.Fatal(err)
		}
		if want := serialFTM(t, raw); !reflect.DeepEqual(got.Entities, want.Entities) {
			t.Fatalf("%d entries are other ones than the %d", len(got.Entities), len(want.Entities))
		}
	}
	for n, cut := range map[string]func() []byte{
		", line 8001: ": func() []byte { return line8001(raw, `{"id":"","schema":"Person"}`) },
		"in line 8001":  func() []byte { return line8001(raw, `no JSON`) },
		"the last line": func() []byte { return raw[:len(raw)-20] },
	} {
		if _, err := parseFTM(t.Context(), []Input{opened(t, cut())}); err == nil || !strings.Contains(err.Error(), n) {
			t.Errorf("%q is not in %v", n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parseFTM(ctx, []Input{opened(t, raw)}); kyc.AsError(err).Code != "cancelled" {
		t.Errorf("%v", err)
	}
	long := append(slices.Clone(raw), []byte(`{"id":"`+strings.Repeat("x", maxLineBytes)+`"}`)...)
	if _, err := parseFTM(t.Context(), []Input{opened(t, long)}); kyc.AsError(err).Code != "list_too_large" {
		t.Errorf("%v", err)
	}
}

// line8001 puts something in place of a line in the midst of the file.
func line8001(raw []byte, instead string) []byte {
	lines := bytes.Split(raw, []byte("\n"))
	lines[8000] = []byte(instead)
	return bytes.Join(lines, []byte("\n"))
}

func opened(t *testing.T, raw []byte) Input {
	t.Helper()
	in, err := Open("many.json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func serialFTM(t *testing.T, raw []byte) Parsed {
	t.Helper()
	var out Parsed
	rows, offices, collections, reader := newGroups(&out, "many.json"), newFTMOffices(), newSets(), newFTMReader()
	err := eachJSONLine(t.Context(), opened(t, raw), "FollowTheMoney", func(line []byte) error {
		x, err := reader.read(line)
		if err != nil {
			return err
		}
		kind, party := ftmTypes[x.Schema]
		if !party {
			offices.take(x)
			return nil
		}
		e, err := rows.entry(x.ID)
		if err != nil {
			return err
		}
		x.into(e, kind)
		e.Datasets = collections.of(append(slices.Clone(e.Datasets), x.Datasets...))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	offices.settle(rows.byID)
	if err := rows.flush(); err != nil {
		t.Fatal(err)
	}
	return out
}
