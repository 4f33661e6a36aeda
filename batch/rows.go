package batch

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// partRows is how many rows a worker takes at a time.
const partRows = 64

// answerHeader is the first line of the answers. A party without hits has one
// row, too, so that nobody is missing.
var answerHeader = []string{"line", "id", "status", "hits", "list", "entry_id", "entry_type", "entry_name", "matched_name", "score", "risk", "topics", "programs", "birth_dates", "countries", "to_miss", "note"}

// Run is one run over a file.
type Run struct {
	// Match asks the lists; several parties are asked for at the same time.
	Match func(screen.Query) screen.Result
	// Progress is told how many bytes of the input are done.
	Progress func(offset int64)
	// Log takes a line for each row that cannot be screened.
	Log io.Writer

	query     screen.Query
	columns   map[string]int    // by role
	named     map[string]string // columns that are not named as their role, by role
	fields    int
	delimiter rune
	workers   int
	every     time.Duration // how often the answers are made lasting

	in   *os.File
	size int64
	out  *os.File

	check    *checkpoint
	finished bool
	done     Done
}

// Done is how far a run has come. What it counts is in the answers.
type Done struct {
	Rows    int   `json:"rows"`
	Found   int   `json:"found"`   // rows with hits
	Hits    int   `json:"hits"`    // of all rows
	Bad     int   `json:"bad"`     // rows that could not be screened
	Unclear int   `json:"unclear"` // rows without hits on lists that are not in order
	Offset  int64 `json:"offset"`  // of the input
	Line    int   `json:"line"`    // of the input, the last that was read
	Written int64 `json:"written"` // bytes of the answers
}

// Done tells how far the run has come: before it what an earlier run did.
func (r *Run) Done() Done { return r.done }

// Size is the size of the input in bytes.
func (r *Run) Size() int64 { return r.size }

// inputRow is one row of the input.
type inputRow struct {
	line   int
	fields []string
	wrong  string // why it cannot be screened
}

// part is a part of the input on its way through the workers.
type part struct {
	rows   []inputRow
	offset int64 // where the input goes on
	line   int
	answer chan answer
}

// answer is what becomes of a part.
type answer struct {
	records [][]string
	counts  Done
	bad     []string
}

// Screen answers what is left of the input and closes the files. The answers
// stand in the order of the rows: the parts wait in a queue for their turn to be
// written. After an error, and after a kill, a run with the same options goes on
// where the answers are known to be whole.
func (r *Run) Screen(ctx context.Context) error {
	return errors.Join(r.screenRest(ctx), r.close())
}

func (r *Run) screenRest(ctx context.Context) error {
	workers := r.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	group, ctx := errgroup.WithContext(ctx)
	todo, inOrder := make(chan part, workers), make(chan part, 4*workers)
	group.Go(func() error {
		defer close(todo)
		defer close(inOrder)
		return r.read(ctx, func(j part) error {
			j.answer = make(chan answer, 1)
			for _, to := range []chan part{inOrder, todo} {
				select {
				case to <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range workers {
		group.Go(func() error {
			for j := range todo {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				j.answer <- r.screen(j.rows)
			}
			return nil
		})
	}
	group.Go(func() error { return r.write(ctx, inOrder) })
	err := group.Wait()
	r.finished = err == nil
	return err
}

// read cuts the rest of the input into parts. A row that does not fit the
// header is answered as such. After a quote that is never closed nobody can say
// where rows begin, so the run stops there.
func (r *Run) read(ctx context.Context, give func(part) error) error {
	if _, err := r.in.Seek(r.done.Offset, io.SeekStart); err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	reader := csv.NewReader(r.in)
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = r.delimiter, -1, false
	base, from := r.done.Line, r.done.Offset
	var j part
	for ctx.Err() == nil {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		row := inputRow{fields: fields}
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad) && bad.Line > bad.StartLine:
			return errors.Join(r.giveRest(j, give), fmt.Errorf("line %d: a quote is opened and not closed properly; nothing after it can be read", base+bad.StartLine))
		case errors.As(err, &bad):
			row.line, row.wrong = base+bad.StartLine, "the quotes of the row are wrong"
			j.line = base + bad.Line
		case err != nil:
			return fmt.Errorf("reading the input: %w", err)
		default:
			line, _ := reader.FieldPos(0)
			last, _ := reader.FieldPos(len(fields) - 1)
			row.line, j.line = base+line, base+last+strings.Count(fields[len(fields)-1], "\n")
			if len(fields) != r.fields {
				row.wrong = fmt.Sprintf("the row has %d fields, the header has %d", len(fields), r.fields)
			}
		}
		j.rows = append(j.rows, row)
		j.offset = from + reader.InputOffset()
		if len(j.rows) == partRows {
			if err := give(j); err != nil {
				return err
			}
			j = part{}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.giveRest(j, give)
}

func (r *Run) giveRest(j part, give func(part) error) error {
	if len(j.rows) == 0 {
		return nil
	}
	return give(j)
}

// screen answers the rows of a part.
func (r *Run) screen(rows []inputRow) (a answer) {
	for _, row := range rows {
		a.counts.Rows++
		id := r.value(row, "id")
		if row.wrong != "" {
			a.refuse(row, id, row.wrong)
			continue
		}
		q, bad := r.party(row)
		got := r.Match(q)
		if got.Err != nil {
			bad = append(bad, got.Err.Problems...)
		}
		if len(bad) > 0 {
			a.refuse(row, id, r.said(bad))
			continue
		}
		a.counts.Hits += len(got.Hits)
		note := strings.Join(got.Notes, "; ")
		if len(got.Hits) == 0 {
			status := "clear"
			if w := got.Worst(); w != kyc.StatusOK {
				status = string(w)
				a.counts.Unclear++
			}
			a.add(row.line, id, status, nil, 0, note)
			continue
		}
		a.counts.Found++
		for i := range got.Hits {
			a.add(row.line, id, "hit", &got.Hits[i], len(got.Hits), note)
		}
	}
	return a
}

func (a *answer) refuse(row inputRow, id, why string) {
	a.counts.Bad++
	a.bad = append(a.bad, fmt.Sprintf("line %d: %s", row.line, why))
	a.add(row.line, id, "error", nil, 0, why)
}

// add writes one row of the answers.
func (a *answer) add(line int, id, status string, h *kyc.Hit, hits int, note string) {
	record := make([]string, 0, len(answerHeader))
	record = append(record, strconv.Itoa(line), cell(id), status, strconv.Itoa(hits))
	if h == nil {
		record = append(record, make([]string, len(answerHeader)-len(record)-1)...)
	} else {
		points := func(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }
		list := func(l []string) string { return cell(strings.Join(l, "; ")) }
		record = append(record, h.List, cell(h.EntryID), h.Type, cell(h.Name), cell(h.MatchedName), points(h.Score), points(h.Risk),
			list(h.Topics), list(h.Programs), list(h.BirthDates), list(h.Countries), cell(h.ToMiss))
	}
	a.records = append(a.records, append(record, cell(note)))
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

func (r *Run) value(row inputRow, role string) string {
	if at, ok := r.columns[role]; ok && at < len(row.fields) {
		return strings.TrimSpace(row.fields[at])
	}
	return ""
}

// said are problems of a row as a sentence, each with its column.
func (r *Run) said(problems []kyc.Problem) string {
	out := make([]string, len(problems))
	for i, p := range problems {
		role := strings.TrimPrefix(p.Path, "/")
		out[i] = cmp.Or(r.named[role], role) + ": " + p.Message
	}
	return strings.Join(out, "; ")
}

// party reads the query of a row. With problems it is only good for finding more.
func (r *Run) party(row inputRow) (q screen.Query, bad []kyc.Problem) {
	q = r.query
	q.Name, q.FirstName, q.LastName = r.value(row, "name"), r.value(row, "first_name"), r.value(row, "last_name")
	q.DateOfBirth, q.Country, q.Gender = r.value(row, "dob"), r.value(row, "country"), r.value(row, "gender")
	for _, n := range strings.Split(r.value(row, "identifiers"), ";") {
		if n = strings.TrimSpace(n); n != "" {
			q.Identifiers = append(q.Identifiers, n)
		}
	}
	switch t := roster.EntityType(strings.ToLower(r.value(row, "type"))); t {
	case "", roster.TypePerson, roster.TypeEntity, roster.TypeVessel, roster.TypeAircraft, roster.TypeUnknown:
		q.Type = t
	default:
		bad = append(bad, kyc.Problem{Path: "/type", Code: "not_allowed_value", Message: "none of person, entity, vessel, aircraft and unknown"})
	}
	return q, bad
}

// write puts the answers into the file in order, and makes them lasting now and
// then.
func (r *Run) write(ctx context.Context, inOrder <-chan part) error {
	buffer := &counted64{to: r.out}
	w := csv.NewWriter(buffer)
	last := time.Now()
	keep := func() error {
		w.Flush()
		if err := w.Error(); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
		r.done.Written += buffer.n
		buffer.n = 0
		if err := r.out.Sync(); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
		last = time.Now()
		return r.check.save(r.done)
	}
	for j := range inOrder {
		var a answer
		select {
		case a = <-j.answer:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), keep()) // what is written is whole rows, so it counts
		}
		if err := w.WriteAll(a.records); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
		r.done.add(a.counts, j)
		for _, line := range a.bad {
			fmt.Fprintln(r.Log, "bonafide:", line)
		}
		r.Progress(j.offset)
		if time.Since(last) >= r.every {
			if err := keep(); err != nil {
				return err
			}
		}
	}
	return keep()
}

func (d *Done) add(c Done, j part) {
	d.Rows, d.Found, d.Hits, d.Bad, d.Unclear = d.Rows+c.Rows, d.Found+c.Found, d.Hits+c.Hits, d.Bad+c.Bad, d.Unclear+c.Unclear
	d.Offset, d.Line = j.offset, j.line
}

// counted64 counts what passes through.
type counted64 struct {
	to io.Writer
	n  int64
}

func (c *counted64) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}
