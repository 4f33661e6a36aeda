package screen

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

const manifestName = "manifest.json"

// manifest is DIR/<list>/manifest.json: which content of a list is in force
// and how the last attempt to renew it went. It is always replaced as a whole
// by a rename, so a reader sees the old or the new one, never half.
type manifest struct {
	List    string `json:"list"`
	Source  string `json:"source"`            // format
	Version string `json:"version,omitempty"` // sha256:<hex> over the entries; empty when no import ever succeeded
	File    string `json:"file,omitempty"`    // content file beside the manifest
	Bytes   int64  `json:"bytes,omitempty"`
	Sum     string `json:"sum,omitempty"` // SHA-256 of the content file, hex
	Entries int    `json:"entries"`
	// Names counts the names and aliases of all entries; 0: not counted.
	Names int `json:"names,omitempty"`
	// FetchedAt is when the content was last taken from its source or
	// confirmed unchanged by it.
	FetchedAt time.Time `json:"fetched_at,omitzero"`
	// Published is the date the source itself bears.
	Published   time.Time `json:"published,omitzero"`
	LastAttempt time.Time `json:"last_attempt,omitzero"`
	LastError   string    `json:"last_error,omitempty"`
	Fictional   bool      `json:"fictional,omitempty"`
	// Assume is the topic that entries without one got (ImportOptions).
	Assume string `json:"assume,omitempty"`
	// Since is how the version in force differs from the one before it.
	Since *Difference `json:"since,omitempty"`
	// Remote remembers the validators of each official address.
	Remote map[string]validator `json:"remote,omitempty"`
}

// validator lets a server answer "not modified" (RFC 9110, section 13).
type validator struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// stamp tells two states of a manifest file apart without reading it.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(dir, list string) stamp {
	info, err := os.Stat(filepath.Join(dir, list, manifestName))
	if err != nil {
		return stamp{}
	}
	return stamp{modified: info.ModTime(), size: info.Size()}
}

// readManifest answers fs.ErrNotExist when the list is not known here.
func readManifest(dir, list string) (manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, list, manifestName))
	if err != nil {
		return manifest{}, fmt.Errorf("reading the manifest of list %s: %w", list, err)
	}
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil || m.List != list {
		return manifest{}, kyc.Errorf(kyc.Internal, "list_corrupt", "the manifest of list %s is damaged; import the list again", list)
	}
	return m, nil
}

// writeManifest replaces the manifest atomically and durably.
func writeManifest(dir string, m manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a manifest: %w", err)
	}
	return writeFile(filepath.Join(dir, m.List), manifestName, append(raw, '\n'))
}

// writeFile writes beside the target and renames, so that the target is
// either the old or the new content even when the machine dies in between.
func writeFile(dir, name string, content []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the list folder: %w", err)
	}
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if d, err := os.Open(dir); err == nil { // best effort: the folder entry itself
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// listIDs names the folders that hold a manifest.
func listIDs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, kyc.Errorf(kyc.Unavailable, "lists_unreadable", "the lists folder %s cannot be read: %w", dir, err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && validListID(e.Name()) == nil && stampOf(dir, e.Name()) != (stamp{}) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// validListID allows what is safe as a folder name and in a URL.
func validListID(id string) error {
	ok := len(id) >= 1 && len(id) <= 64 && id[0] != '-'
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			ok = false
		}
	}
	if !ok {
		return kyc.Errorf(kyc.Invalid, "invalid_list_id", "a list id has 1-64 lower-case letters, digits, _ or -; %q has not", roster.Short(id))
	}
	return nil
}

// version is what a result says about the list at that time.
func (m manifest) version(now time.Time, status kyc.AnswerStatus) kyc.ListVersion {
	v := kyc.ListVersion{List: m.List, Version: m.Version, Entries: m.Entries, AsOf: m.FetchedAt, Status: status, Fictional: m.Fictional, LastError: m.LastError}
	if !m.FetchedAt.IsZero() {
		v.AgeSecs = max(0, int64(now.Sub(m.FetchedAt)/time.Second))
	}
	return v
}
