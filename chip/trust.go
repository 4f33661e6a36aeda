package chip

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trust holds the certificates of the states that sign passports (CSCA). It
// reads them from folders and files when they are first needed and again when
// one of them changed. It is safe for use by many goroutines; a nil Trust is
// empty.
type Trust struct {
	paths []string

	mu     sync.Mutex
	stamp  string
	loaded *anchors
}

// NewTrust makes a Trust of folders and files: master lists (*.ml) and
// certificates (*.cer, *.crt, *.pem, *.der), and revocation lists (*.crl) of
// the states that these trust. What is not there now may come later. A master list counts only when its signer was certified by one of the
// certificates beside it, so the publisher's certificate must lie there.
func NewTrust(paths ...string) *Trust {
	return &Trust{paths: slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "" })}
}

// TrustState says what is loaded.
type TrustState struct {
	Certificates int `json:"certificates"`
	// Countries are the ISO codes of the states, in order.
	Countries []string `json:"countries"`
	// AsOf is the date of the newest master list; zero when there is none.
	AsOf    time.Time     `json:"as_of,omitzero"`
	Sources []TrustSource `json:"sources"`
	// Problems say what was not loaded and why.
	Problems []TrustProblem `json:"problems"`
}

// TrustSource is one file that was loaded.
type TrustSource struct {
	File string `json:"file"` // its name without the folder
	// Kind is master_list, certificate or revocation_list.
	Kind         string    `json:"kind"`
	Certificates int       `json:"certificates"`
	Skipped      int       `json:"skipped"` // certificates in it that cannot be used
	Revoked      int       `json:"revoked"` // signers that a revocation list names
	Country      string    `json:"country"` // of the publisher
	AsOf         time.Time `json:"as_of"`
}

// TrustProblem is one file, or a part of it, that was not loaded. Codes:
// unreadable, too_large, too_many_files, not_a_certificate, not_an_authority,
// list_malformed, list_not_trusted, revocations_malformed,
// revocations_not_trusted.
type TrustProblem struct {
	File    string `json:"file"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Verify is the function Verify with this Trust.
func (t *Trust) Verify(ctx context.Context, files Files, o Options) Report {
	o.Trust = t
	return Verify(ctx, files, o)
}

// State loads what there is and describes it.
func (t *Trust) State() TrustState { return t.current().state }

// vouches gives the certificate of a state that signed a signer's, preferably
// one that is valid now; nil when there is none.
func (a *anchors) vouches(signer *certificate, now time.Time) *certificate {
	if signer.aki == nil {
		return nil
	}
	var found *certificate
	for _, anchor := range a.byKey[string(signer.aki)] {
		if found != nil && !anchor.validOn(now) {
			continue
		}
		if signer.certifiedBy(anchor) {
			if found = anchor; anchor.validOn(now) {
				break
			}
		}
	}
	return found
}

// certifiedBy verifies a certificate's signature with the key of another one.
func (c *certificate) certifiedBy(anchor *certificate) bool {
	verified := false
	whole := guardedly(func() {
		_, err := c.raw.Verify(onlyPool{anchor.raw})
		verified = err == nil
	})
	return whole && verified
}

// anchors are the loaded certificates.
type anchors struct {
	state   TrustState
	byKey   map[string][]*certificate
	revoked map[string]bool // by the state's key and the signer's serial number
}

const (
	maxTrustFiles = 500
	maxTrustFile  = 16 << 20
)

// trustFile is one file that may hold certificates.
type trustFile struct {
	path    string
	info    os.FileInfo
	problem string // why it could not be looked at
	// named is false for the neighbours of a list that was named alone: they
	// may certify the list but are not trusted themselves.
	named bool
}

// current gives the certificates in force, reading the files when they are
// not those that were read last.
func (t *Trust) current() *anchors {
	if t == nil {
		return noAnchors()
	}
	files := t.files()
	stamp := stampOf(files)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.loaded == nil || t.stamp != stamp {
		t.loaded, t.stamp = loadAnchors(files), stamp
	}
	return t.loaded
}

func noAnchors() *anchors {
	return &anchors{state: TrustState{Countries: []string{}, Sources: []TrustSource{}, Problems: []TrustProblem{}}, byKey: map[string][]*certificate{}, revoked: map[string]bool{}}
}

// files lists what the paths hold, in a fixed order.
func (t *Trust) files() []trustFile {
	var out []trustFile
	add := func(path string, named bool) {
		if trustKind(path) == "" {
			return
		}
		f := trustFile{path: path, named: named}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			f.problem = "unreadable"
		case info.IsDir():
			return
		case info.Size() > maxTrustFile:
			f.problem = "too_large"
		}
		f.info = info
		out = append(out, f)
	}
	for _, p := range t.paths {
		info, err := os.Stat(p)
		if err != nil {
			if !os.IsNotExist(err) {
				out = append(out, trustFile{path: p, problem: "unreadable", named: true})
			}
			continue
		}
		folder := p
		if !info.IsDir() {
			if trustKind(p) == "" {
				out = append(out, trustFile{path: p, info: info, problem: "not_a_certificate", named: true})
				continue
			}
			add(p, true)
			if folder = filepath.Dir(p); trustKind(p) != "master_list" {
				continue
			}
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			out = append(out, trustFile{path: folder, problem: "unreadable", named: info.IsDir()})
			continue
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			if info.IsDir() || path != p && trustKind(path) == "certificate" {
				add(path, info.IsDir())
			}
		}
	}
	if len(out) > maxTrustFiles {
		out = append(out[:maxTrustFiles], trustFile{path: out[maxTrustFiles].path, problem: "too_many_files", named: true})
	}
	return out
}

// trustKind tells by the name what a file may hold; "" is nothing.
func trustKind(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ml":
		return "master_list"
	case ".cer", ".crt", ".pem", ".der":
		return "certificate"
	case ".crl":
		return "revocation_list"
	}
	return ""
}

// stampOf changes when a file comes, goes or is written.
func stampOf(files []trustFile) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s\x00%s\x00", f.path, f.problem)
		if f.info != nil {
			fmt.Fprintf(&b, "%d\x00%d\x00", f.info.Size(), f.info.ModTime().UnixNano())
		}
	}
	return b.String()
}
