package model

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bonafide/kyc"
)

// LocalManifest is the file in a models folder that names the models somebody
// added by hand; they come before the built-in ones.
const LocalManifest = "models.yaml"

// File is a model that is here and is the one that was meant.
type File struct {
	Entry
	Path string
}

// State is what is known of one entry of the manifest on this machine.
type State struct {
	Entry
	Status string `json:"status"` // ready, missing or refused
	Path   string `json:"path,omitempty"`
	// Reason says why a file was refused.
	Reason string `json:"reason,omitempty"`
	// InUse marks the entry that fills its slot.
	InUse bool `json:"in_use"`
	// Install is the command that fills the slot, where it is not filled.
	Install string `json:"install,omitempty"`
}

// Store looks for models in folders. It is safe for parallel use; files may
// appear and go while it is open.
type Store struct {
	dirs    []string
	entries []Entry
	broken  map[string]error // folders whose own manifest cannot be read

	mu   sync.Mutex
	seen map[string]verified
}

// verified is the verdict on one state of a file.
type verified struct {
	size     int64
	modified time.Time
	sum      string
	err      error
}

// Open looks into folders, the first before the second; a folder need not
// exist. A folder's own manifest that cannot be read counts as absent, and
// [Store.Problems] says so.
func Open(dirs ...string) *Store {
	s := &Store{broken: map[string]error{}, seen: map[string]verified{}}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		s.dirs = append(s.dirs, dir)
		local, err := readLocal(dir)
		if err != nil {
			s.broken[dir] = err
		}
		s.entries = append(s.entries, local...)
	}
	s.entries = append(s.entries, Manifest()...)
	return s
}

func readLocal(dir string) ([]Entry, error) {
	b, err := os.ReadFile(filepath.Join(dir, LocalManifest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(b)
}

// Find gives the preferred file of a slot that is here and verifies.
func (s *Store) Find(slot string) (File, bool) {
	for _, e := range s.entries {
		if e.Slot != slot {
			continue
		}
		if st := s.state(e); st.Status == "ready" {
			return File{Entry: e, Path: st.Path}, true
		}
	}
	return File{}, false
}

// Lookup gives the entry of a slot whose [Entry.ID] a record holds, whether its
// file is here or not.
func (s *Store) Lookup(slot, id string) (Entry, bool) {
	for _, e := range s.entries {
		if e.Slot == slot && e.ID() == id {
			return e, true
		}
	}
	return Entry{}, false
}

// Status tells about every entry, slot after slot.
func (s *Store) Status() []State {
	var out []State
	for _, slot := range Slots() {
		filled := false
		first := len(out)
		for _, e := range s.entries {
			if e.Slot != slot {
				continue
			}
			st := s.state(e)
			if st.Status == "ready" && !filled {
				filled, st.InUse = true, true
			}
			out = append(out, st)
		}
		for i := first; i < len(out) && !filled; i++ {
			out[i].Install = Install(slot)
		}
	}
	return out
}

// Problems are the folders' own manifests that cannot be read.
func (s *Store) Problems() map[string]error { return s.broken }

// Install is the command that fills a slot.
func Install(slot string) string {
	if slot == Eng {
		return "apt-get install -y tesseract-ocr"
	}
	return "bonafide models pull " + slot
}

// state looks at one entry in every folder.
func (s *Store) state(e Entry) State {
	st := State{Entry: e, Status: "missing"}
	for _, dir := range s.dirs {
		path := filepath.Join(dir, e.File)
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := s.verify(e, path, info); err != nil {
			if st.Status == "missing" {
				st.Status, st.Path, st.Reason = "refused", path, kyc.AsError(err).Message
			}
			continue
		}
		st.Status, st.Path, st.Reason = "ready", path, ""
		return st
	}
	return st
}

// verify compares a file with its entry; a file that has not changed since is
// not read again.
func (s *Store) verify(e Entry, path string, info os.FileInfo) error {
	if e.Size > 0 && info.Size() != e.Size {
		return kyc.Errorf(kyc.Invalid, "model_differs", "%s has %d bytes instead of %d; it is not the file the manifest names", filepath.Base(path), info.Size(), e.Size)
	}
	s.mu.Lock()
	v, ok := s.seen[path]
	s.mu.Unlock()
	if !ok || v.size != info.Size() || !v.modified.Equal(info.ModTime()) {
		v = verified{size: info.Size(), modified: info.ModTime()}
		v.sum, v.err = checksum(path)
		s.mu.Lock()
		s.seen[path] = v
		s.mu.Unlock()
	}
	switch {
	case v.err != nil:
		return v.err
	case v.sum != e.SHA256:
		return differs(filepath.Base(path), v.sum, e)
	}
	return nil
}

func differs(file, sum string, e Entry) *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "model_differs", "%s has SHA-256 %s… instead of %s…; it is not the file the manifest names", file, sum[:12], e.Fingerprint())
}

// Bytes reads the file and verifies what was read, so that nothing can change
// between the look and the use.
func (f File) Bytes() ([]byte, *kyc.Error) {
	h, err := os.Open(f.Path)
	if err != nil {
		return nil, kyc.Errorf(kyc.Unavailable, "model_missing", "the model %s cannot be read: %w", f.Name, err)
	}
	defer h.Close()
	b, err := io.ReadAll(io.LimitReader(h, MaxFile+1))
	if err != nil {
		return nil, kyc.Errorf(kyc.Unavailable, "model_missing", "the model %s cannot be read: %w", f.Name, err)
	}
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != f.SHA256 {
		return nil, differs(f.File, got, f.Entry)
	}
	return b, nil
}

// checksum of a file of at most MaxFile bytes.
func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("opening the model: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, MaxFile+1))
	if err != nil {
		return "", fmt.Errorf("reading the model: %w", err)
	}
	if n > MaxFile {
		return "", kyc.Errorf(kyc.TooLarge, "model_too_large", "%s is larger than %d MB", filepath.Base(path), MaxFile>>20)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
