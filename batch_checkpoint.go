package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"bonafide/kyc"
)

// batchConditions are what must be the same when a run goes on.
type batchConditions struct {
	Input   string            `json:"input"` // SHA-256
	Options string            `json:"options"`
	Lists   map[string]string `json:"lists"` // version by list
}

// checkpoint is the file beside the answers that says how far they are whole.
// It is there while a run is unfinished and names no party.
type checkpoint struct {
	path string
	is   batchConditions
}

type checkpointFile struct {
	batchConditions
	Done batchDone `json:"done"`
}

// save replaces the file in one step, after the answers are on disk.
func (c *checkpoint) save(d batchDone) error {
	raw, err := json.Marshal(checkpointFile{c.is, d})
	if err == nil {
		err = writeWhole(c.path, raw)
	}
	if err != nil {
		return fmt.Errorf("noting how far the answers are: %w", err)
	}
	return nil
}

func writeWhole(path string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// load finds how far an earlier run came; found is false when there is none.
func (c *checkpoint) load() (d batchDone, found bool, err error) {
	raw, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, false, nil
	}
	var file checkpointFile
	if err == nil {
		err = json.Unmarshal(raw, &file)
	}
	switch {
	case err != nil:
		return d, false, fmt.Errorf("how far an earlier run came cannot be read (%s); --restart begins anew: %w", c.path, err)
	case file.Input != c.is.Input:
		return d, false, errors.New("the input has changed since an earlier run was stopped; --restart begins anew")
	case file.Options != c.is.Options:
		return d, false, errors.New("an earlier run that was stopped had other options; use the same or --restart")
	case !maps.Equal(file.Lists, c.is.Lists):
		return d, false, errors.New("the lists have changed since an earlier run was stopped, so that its answers and the rest would not go together; --restart begins anew")
	}
	return file.Done, true, nil
}

// open prepares a run: it reads the header, finds how far an earlier run came,
// and cuts off what that one wrote beyond its last safe point.
func (b batchCmd) open(lists []kyc.ListVersion) (_ *batchRun, err error) {
	r := &batchRun{query: b.query(), workers: b.Workers, every: b.SafeEvery, delimiter: []rune(b.Delimiter)[0]}
	defer func() {
		if err != nil {
			_ = r.closeFiles() // nothing was written that matters
		}
	}()
	if r.in, err = os.Open(b.In); err != nil {
		return nil, fmt.Errorf("opening the input: %w", err)
	}
	sum := sha256.New()
	if r.size, err = io.Copy(sum, r.in); err != nil {
		return nil, fmt.Errorf("reading the input: %w", err)
	}
	header, err := r.header()
	if err != nil {
		return nil, exitCode{exitUsage, err}
	}
	if r.columns, err = b.columnsOf(header); err != nil {
		return nil, exitCode{exitUsage, err}
	}
	r.fields = len(header)
	r.check = &checkpoint{path: b.Out + ".checkpoint", is: b.conditions(hex.EncodeToString(sum.Sum(nil)), lists)}
	start := r.done
	found := false
	if !b.Restart {
		if r.done, found, err = r.check.load(); err != nil {
			return nil, err
		}
	}
	flags := os.O_RDWR | os.O_CREATE
	if !found {
		r.done = start
		if b.Restart {
			flags |= os.O_TRUNC
		} else {
			flags |= os.O_EXCL
		}
	}
	r.out, err = os.OpenFile(b.Out, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, exitCode{exitUsage, fmt.Errorf("%s exists and is no unfinished run; --restart writes it anew", b.Out)}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the answers: %w", err)
	}
	if found {
		return r, r.goOn()
	}
	var head bytes.Buffer
	w := csv.NewWriter(&head)
	_ = w.Write(batchHeader)
	w.Flush()
	n, err := r.out.Write(head.Bytes())
	if err = errors.Join(err, r.out.Sync()); err != nil {
		return nil, fmt.Errorf("writing the answers: %w", err)
	}
	r.done.Written = int64(n)
	return r, r.check.save(r.done)
}

// header reads the first row and notes where the parties begin.
func (r *batchRun) header() ([]string, error) {
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
func (r *batchRun) goOn() error {
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

func (r *batchRun) closeFiles() (err error) {
	for _, f := range []*os.File{r.in, r.out} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// close ends a run; the checkpoint of one that is finished goes.
func (r *batchRun) close() error {
	err := r.closeFiles()
	if err == nil && r.finished {
		err = os.Remove(r.check.path)
	}
	return err
}
