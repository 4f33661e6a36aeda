package roster

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// The OFAC comma-separated files have no header. Their kind is known by the
// number of columns of the first record: 12 SDN.CSV or CONS_PRIM.CSV, 6
// ADD.CSV, 5 ALT.CSV, 2 SDN_COMMENTS.CSV ("-0- " is null; remarks longer than
// the column go on in the comments file). Source: OFAC, "Specially Designated
// Nationals List data formats and data schemas".
const (
	ofacPrim     = 12
	ofacAddress  = 6
	ofacAlias    = 5
	ofacComments = 2
)

// ofacSet gathers what the four files say.
type ofacSet struct {
	order    []*ofacRow
	byID     map[string]*ofacRow
	comments map[string][]string
	seen     map[int]string // kind → file name
	last     map[int]int    // kind → highest ent_num
	orphans  map[int]int    // kind → rows whose entry is missing
	rows     map[int]int
}

type ofacRow struct {
	id, name, kind, program, title, callSign, flag, remarks string
	aliases                                                 []Name
	addresses                                               [][2]string // text, country
}

// parseOFAC reads either the CSV files together or one XML file, the plain or
// the advanced one.
func parseOFAC(ctx context.Context, ins []Input) (Parsed, error) {
	if len(ins) == 1 && strings.Contains(firstBytes(ins[0], 512), "<") && !strings.HasPrefix(strings.TrimSpace(firstBytes(ins[0], 64)), `"`) &&
		strings.HasPrefix(strings.TrimLeft(firstBytes(ins[0], 64), " \r\n\t\ufeff"), "<") {
		if head := ins[0].peek(); strings.Contains(head, "<Sanctions ") || strings.Contains(head, "<Sanctions>") {
			return parseOFACAdvanced(ctx, ins[0])
		}
		return parseOFACXML(ctx, ins[0])
	}
	set := &ofacSet{byID: map[string]*ofacRow{}, comments: map[string][]string{}, seen: map[int]string{}, last: map[int]int{}, orphans: map[int]int{}, rows: map[int]int{}}
	files := map[int]Input{}
	for _, in := range ins {
		kind, err := ofacKind(in)
		if err != nil {
			return Parsed{}, err
		}
		if other, twice := set.seen[kind]; twice {
			return Parsed{}, kyc.Errorf(kyc.Invalid, "list_format", "%s and %s are the same kind of OFAC file; give each once", other, in.name)
		}
		set.seen[kind], files[kind] = in.name, in
	}
	for kind, what := range map[int]string{ofacPrim: "the names (SDN.CSV or CONS_PRIM.CSV)", ofacAlias: "the aliases (ALT.CSV or CONS_ALT.CSV)", ofacAddress: "the addresses (ADD.CSV or CONS_ADD.CSV)"} {
		if _, ok := files[kind]; !ok {
			return Parsed{}, kyc.Errorf(kyc.Invalid, "list_incomplete", "the file with %s is missing; OFAC's CSV files must be imported together", what)
		}
	}
	for _, kind := range []int{ofacPrim, ofacComments, ofacAlias, ofacAddress} {
		if in, ok := files[kind]; ok {
			if err := set.read(ctx, in, kind); err != nil {
				return Parsed{}, err
			}
		}
	}
	if err := set.complete(); err != nil {
		return Parsed{}, err
	}
	out := Parsed{Entities: make([]Entity, 0, len(set.order))}
	for _, r := range set.order {
		out.Entities = append(out.Entities, r.entity(set.comments[r.id]))
	}
	return out, nil
}

func firstBytes(in Input, n int) string {
	b, _ := in.r.Peek(n)
	return string(b)
}

func ofacKind(in Input) (int, error) {
	head := in.peek()
	first, _, _ := strings.Cut(head, "\n")
	if strings.HasPrefix(strings.TrimLeft(head, " \r\n\t"), "<") {
		return 0, wrongFormat(in.name, "it is XML or HTML; give OFAC's XML file alone, or the CSV files together")
	}
	row, err := csv.NewReader(strings.NewReader(first + "\n")).Read()
	if err != nil && len(head) < 4000 && !strings.Contains(head, "\n") {
		return 0, truncated(in.name, "the first record is not closed")
	}
	if err != nil { // a record over several lines: count in a quote-aware way
		row = strings.Split(first, ",")
	}
	if len(row) > 0 {
		if _, err := strconv.Atoi(strings.TrimSpace(row[0])); err == nil {
			switch len(row) {
			case ofacPrim, ofacAddress, ofacAlias, ofacComments:
				return len(row), nil
			}
		}
	}
	for _, sep := range []string{";", "\t", "|"} {
		cells := strings.Split(first, sep)
		if _, err := strconv.Atoi(strings.TrimSpace(cells[0])); err == nil && len(cells) > 1 {
			return 0, wrongDelimiter(in.name, "a comma")
		}
	}
	return 0, wrongFormat(in.name, "it is none of OFAC's SDN, ALT, ADD or COMMENTS files")
}

// read takes in one file. The old DOS end mark (0x1A) and blank lines close
// it.
func (s *ofacSet) read(ctx context.Context, in Input, kind int) error {
	c := newCSV(in, ',')
	atEnd := func() bool {
		for {
			b, err := in.r.Peek(1)
			if err != nil {
				return errors.Is(err, io.EOF)
			}
			if b[0] != '\x1a' && b[0] != '\n' && b[0] != '\r' && b[0] != ' ' {
				return false
			}
			_, _ = in.r.Discard(1)
		}
	}
	for line := 1; ; line++ {
		if line%1024 == 0 && ctx.Err() != nil {
			return ReadError(in.name, ctx.Err())
		}
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if atEnd() && !errors.Is(err, csv.ErrBareQuote) {
				return truncated(in.name, "the last record is not closed")
			}
			return ReadError(in.name, err)
		}
		if len(row) == 1 && strings.Trim(row[0], "\x1a \r\n") == "" {
			continue
		}
		if len(row) != kind {
			if len(row) < kind && atEnd() {
				return truncated(in.name, "the last record has too few columns")
			}
			return kyc.Errorf(kyc.Invalid, "list_format", "%s has %d columns in place of %d in record %d", in.name, len(row), kind, line)
		}
		if err := s.take(in.name, kind, row, line); err != nil {
			return err
		}
	}
}

func (s *ofacSet) take(name string, kind int, row []string, line int) error {
	cell := func(i int) string {
		v := Clean(strings.Clone(row[i]))
		if v == "-0-" || v == "-0" || v == "-" {
			return ""
		}
		return v
	}
	num, err := strconv.Atoi(strings.TrimSpace(row[0]))
	if err != nil || num < 1 {
		return kyc.Errorf(kyc.Invalid, "list_format", "%s has no entry number in record %d", name, line)
	}
	id := strconv.Itoa(num)
	s.rows[kind]++
	s.last[kind] = max(s.last[kind], num)
	entry := s.byID[id]
	if kind == ofacPrim {
		if entry != nil {
			return kyc.Errorf(kyc.Invalid, "list_format", "%s has the entry %s twice", name, id)
		}
		if len(s.order) >= MaxEntities {
			return kyc.Errorf(kyc.TooLarge, "list_too_large", "%s has more than %d entries", name, MaxEntities)
		}
		entry = &ofacRow{id: id, name: cell(1), kind: strings.ToLower(cell(2)), program: cell(3), title: cell(4), callSign: cell(5), flag: cell(9), remarks: cell(11)}
		s.byID[id] = entry
		s.order = append(s.order, entry)
		return nil
	}
	if kind == ofacComments {
		s.comments[id] = append(s.comments[id], strings.Clone(utf8Text(row[1])))
		return nil
	}
	if entry == nil {
		s.orphans[kind]++
		return nil
	}
	if kind == ofacAlias {
		if n := cell(3); n != "" {
			entry.aliases = append(entry.aliases, Name{n, QualityStrong})
		}
		return nil
	}
	entry.addresses = append(entry.addresses, [2]string{joinNonEmpty(", ", cell(2), cell(3), cell(4)), cell(4)})
	return nil
}

// complete finds files that were cut at a line end: aliases of entries that
// are missing mean the names are cut; aliases or addresses that stop before the
// last three hundredths of the names do mean they are cut (in OFAC's own files they
// go on to the last one or two). Small files are not judged.
func (s *ofacSet) complete() error {
	for _, kind := range []int{ofacAlias, ofacAddress} {
		if o := s.orphans[kind]; o >= 20 && o*100 > s.rows[kind] {
			return truncated(s.seen[ofacPrim], strconv.Itoa(o)+" records of "+s.seen[kind]+" belong to entries that it lacks (or the files are of different days)")
		}
		if len(s.order) < 200 {
			continue
		}
		nums := make([]int, 0, len(s.order))
		for _, r := range s.order {
			n, _ := strconv.Atoi(r.id)
			nums = append(nums, n)
		}
		slices.Sort(nums)
		if at, _ := slices.BinarySearch(nums, s.last[kind]); at*100 < len(nums)*97 {
			return truncated(s.seen[kind], "it stops at entry "+strconv.Itoa(s.last[kind])+", the names go on to "+strconv.Itoa(nums[len(nums)-1]))
		}
	}
	return nil
}

func joinNonEmpty(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), sep)
}

func ofacType(kind string) EntityType {
	switch strings.ToLower(kind) {
	case "individual":
		return TypePerson
	case "vessel":
		return TypeVessel
	case "aircraft":
		return TypeAircraft
	}
	return TypeEntity
}

func (r *ofacRow) entity(more []string) Entity {
	e := Entity{ID: r.id, Type: ofacType(r.kind)}
	e.addName(r.name, QualityPrimary)
	for _, a := range r.aliases {
		e.addName(a.Text, a.Quality)
	}
	for _, p := range strings.FieldsFunc(r.program, func(c rune) bool { return c == ']' || c == '[' || c == ';' }) {
		e.addProgram(p)
	}
	for _, a := range r.addresses {
		e.addAddress(a[0])
		e.addCountry(a[1])
	}
	if e.Type == TypeVessel || e.Type == TypeAircraft {
		e.addCountry(r.flag)
		e.addIdentifier("call_sign", r.callSign, "")
	}
	remarks := r.remarks
	for _, m := range more { // the comments go on where the column ended
		remarks += m
	}
	ofacRemarks(&e, remarks)
	return e
}
