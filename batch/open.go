package batch

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/screen"
)

// Options say what a run does.
type Options struct {
	In, Out   string            // files
	Columns   map[string]string // name of the column by role; a role that is missing is named as itself
	Delimiter rune              // between the columns of the input
	Query     screen.Query      // what all rows have in common
	// Asked is all that the answers depend on besides the input and the lists, in
	// one text: a run goes on only where it is the same.
	Asked     string
	Workers   int           // parties asked for at the same time; 0 is the processors
	SafeEvery time.Duration // how much work a kill may cost
	Restart   bool          // begin anew, whatever an earlier run wrote
}

// Roles are what a column of the input may be.
func Roles() []string {
	return []string{"name", "first_name", "last_name", "dob", "country", "gender", "id", "type", "identifiers"}
}

// Mistake is an error of whoever asked: the options or the header are wrong.
type Mistake struct{ error }

// Unwrap gives what is wrong.
func (m Mistake) Unwrap() error { return m.error }

// Open prepares a run: it reads the header, finds how far an earlier run came,
// and cuts off what that one wrote beyond its last safe point. lists are in
// force now; a run goes on only with the same versions. The caller sets Match,
// Progress and Log, and calls Screen, which closes the files. An error is a
// [Mistake] where the options or the header of the input are wrong.
func Open(o Options, lists []kyc.ListVersion) (_ *Run, err error) {
	r := &Run{query: o.Query, workers: o.Workers, every: o.SafeEvery, delimiter: o.Delimiter}
	defer func() {
		if err != nil {
			_ = r.closeFiles() // nothing was written that matters
		}
	}()
	if r.in, err = os.Open(o.In); err != nil {
		return nil, fmt.Errorf("opening the input: %w", err)
	}
	sum := sha256.New()
	if r.size, err = io.Copy(sum, r.in); err != nil {
		return nil, fmt.Errorf("reading the input: %w", err)
	}
	header, err := r.header()
	if err != nil {
		return nil, Mistake{err}
	}
	r.named = o.Columns
	if r.columns, err = o.columnsOf(header); err != nil {
		return nil, Mistake{err}
	}
	r.fields = len(header)
	r.check = &checkpoint{path: o.Out + ".checkpoint", is: o.conditions(hex.EncodeToString(sum.Sum(nil)), lists)}
	start := r.done
	found := false
	if !o.Restart {
		if r.done, found, err = r.check.load(); err != nil {
			return nil, err
		}
	}
	flags := os.O_RDWR | os.O_CREATE
	if !found {
		r.done = start
		if o.Restart {
			flags |= os.O_TRUNC
		} else {
			flags |= os.O_EXCL
		}
	}
	r.out, err = os.OpenFile(o.Out, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, Mistake{fmt.Errorf("%s exists and is no unfinished run; --restart writes it anew", o.Out)}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the answers: %w", err)
	}
	if found {
		return r, r.goOn()
	}
	var head bytes.Buffer
	w := csv.NewWriter(&head)
	_ = w.Write(answerHeader)
	w.Flush()
	n, err := r.out.Write(head.Bytes())
	if err = errors.Join(err, r.out.Sync()); err != nil {
		return nil, fmt.Errorf("writing the answers: %w", err)
	}
	r.done.Written = int64(n)
	return r, r.check.save(r.done)
}

// header reads the first row and notes where the parties begin.
func (r *Run) header() ([]string, error) {
	if _, err := r.in.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading the input: %w", err)
	}
	reader := csv.NewReader(r.in)
	reader.Comma = r.delimiter
	header, err := reader.Read()
	if err != nil {
		return nil, errors.New("the input has no header that can be read: check --delimiter and quotes")
	}
	if len(header) > 0 {
		header[0] = string(bytes.TrimPrefix([]byte(header[0]), []byte("\ufeff")))
	}
	at, _ := reader.FieldPos(len(header) - 1)
	r.done.Offset, r.done.Line = reader.InputOffset(), at
	return header, nil
}

// goOn cuts the answers where they are known to be whole.
func (r *Run) goOn() error {
	info, err := r.out.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("opening the answers: %w", err)
	case info.Size() < r.done.Written:
		return errors.New("the answers of the earlier run were cut off; --restart begins anew")
	}
	if err := r.out.Truncate(r.done.Written); err != nil {
		return fmt.Errorf("cutting the answers: %w", err)
	}
	if _, err := r.out.Seek(r.done.Written, io.SeekStart); err != nil {
		return fmt.Errorf("opening the answers: %w", err)
	}
	return nil
}

func (r *Run) closeFiles() (err error) {
	for _, f := range []*os.File{r.in, r.out} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// close ends a run; the checkpoint of one that is finished goes.
func (r *Run) close() error {
	err := r.closeFiles()
	if err == nil && r.finished {
		err = os.Remove(r.check.path)
	}
	return err
}

// conditions are what must be the same when a run goes on: what is asked, how,
// and which version of each list.
func (o Options) conditions(input string, lists []kyc.ListVersion) conditions {
	versions := map[string]string{}
	for _, l := range lists {
		versions[l.List] = l.Version
	}
	return conditions{Input: input, Options: o.Asked, Lists: versions}
}

// columnsOf finds the columns of the header.
func (o Options) columnsOf(header []string) (map[string]int, error) {
	plain := make([]string, len(header))
	for i, h := range header {
		plain[i] = strings.ToLower(strings.TrimSpace(h))
	}
	out := map[string]int{}
	var missing []string
	for _, role := range Roles() {
		wanted, named := o.Columns[role]
		if !named {
			wanted = role
		}
		switch at := slices.Index(plain, strings.ToLower(strings.TrimSpace(wanted))); {
		case at >= 0:
			out[role] = at
		case named:
			missing = append(missing, wanted)
		}
	}
	_, whole := out["name"]
	_, last := out["last_name"]
	switch {
	case len(missing) > 0:
		return nil, fmt.Errorf("the input has no column %s; it has %s", strings.Join(missing, ", "), strings.Join(header, ", "))
	case !whole && !last:
		return nil, fmt.Errorf("the input has no column name or last_name; say with --columns name=… which it is (it has %s)", strings.Join(header, ", "))
	}
	return out, nil
}
