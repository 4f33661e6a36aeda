package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// conditions are what must be the same when a run goes on.
type conditions struct {
	Input   string            `json:"input"` // SHA-256
	Options string            `json:"options"`
	Lists   map[string]string `json:"lists"` // version by list
}

// checkpoint is the file beside the answers that says how far they are whole.
// It is there while a run is unfinished and names no party.
type checkpoint struct {
	path string
	is   conditions
}

type checkpointFile struct {
	conditions
	Done Done `json:"done"`
}

// save replaces the file in one step, after the answers are on disk.
func (c *checkpoint) save(d Done) error {
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
func (c *checkpoint) load() (d Done, found bool, err error) {
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
