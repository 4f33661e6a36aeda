package screen

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// A snapshot is the content of a list in the room's own form: gzip over JSON
// lines, one Entity a line, in the order of the source. Its version is the
// SHA-256 of the lines, so equal content has an equal version whichever way
// it came.

// encodeSnapshot answers the file's bytes and the version.
func encodeSnapshot(entities []roster.Entity) (file []byte, version string, err error) {
	var out bytes.Buffer
	gz, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, "", fmt.Errorf("packing a list: %w", err)
	}
	sum := sha256.New()
	enc := json.NewEncoder(io.MultiWriter(gz, sum))
	enc.SetEscapeHTML(false)
	for i := range entities {
		if err := enc.Encode(&entities[i]); err != nil {
			return nil, "", fmt.Errorf("packing a list: %w", err)
		}
	}
	if err := gz.Close(); err != nil {
		return nil, "", fmt.Errorf("packing a list: %w", err)
	}
	return out.Bytes(), "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// loadSnapshot reads and checks the content a manifest names.
func loadSnapshot(dir string, m manifest) ([]roster.Entity, error) {
	entities, err := loadContent(dir, m.List, m.File, m.Version, m.Entries)
	if err == nil && len(entities) != m.Entries {
		err = corrupt(m.List, "its number of entries is wrong")
	}
	if err != nil {
		return nil, err
	}
	return entities, nil
}

func corrupt(list, why string) error {
	return kyc.Errorf(kyc.Unavailable, "list_corrupt", "the stored list %s is damaged (%s); import it again", list, why)
}

// loadContent reads a content file and checks it against its version; about is
// how many entries it has, where that is known.
func loadContent(dir, list, file, version string, about int) ([]roster.Entity, error) {
	if filepath.Base(file) != file || file == "" {
		return nil, corrupt(list, "no content file")
	}
	f, err := os.Open(filepath.Join(dir, list, file))
	if err != nil {
		return nil, corrupt(list, "its content file is missing")
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<18))
	if err != nil {
		return nil, corrupt(list, "not a gzip file")
	}
	sum := sha256.New()
	r := bufio.NewReaderSize(io.TeeReader(gz, sum), 1<<18)
	entities := make([]roster.Entity, 0, min(about, roster.MaxEntities))
	for {
		line, err := roster.ReadLine(r)
		if len(line) > 1 {
			var e roster.Entity
			if bad := json.Unmarshal(line, &e); bad != nil {
				return nil, corrupt(list, "a line cannot be read")
			}
			entities = append(entities, e)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, corrupt(list, "it ends in the middle")
		}
	}
	if got := "sha256:" + hex.EncodeToString(sum.Sum(nil)); got != version {
		return nil, corrupt(list, "its checksum is wrong")
	}
	if len(entities) == 0 {
		return nil, corrupt(list, "its number of entries is wrong")
	}
	return entities, nil
}

const contentSuffix = ".jsonl.gz"

// contentName is the file name of a version.
func contentName(version string) string {
	return strings.TrimPrefix(version, "sha256:")[:24] + contentSuffix
}

// dropOldContent removes contents that no manifest names any more, with their
// indexes. The version before the current one stays, for a reader that opened
// the old manifest a moment ago; of it the content is enough.
func dropOldContent(dir, list, current, before string) {
	entries, err := os.ReadDir(filepath.Join(dir, list))
	if err != nil {
		return
	}
	keep := []string{current, before, indexName(current)}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") && (strings.HasSuffix(name, contentSuffix) || strings.HasSuffix(name, indexSuffix)) && !slices.Contains(keep, name) {
			_ = os.Remove(filepath.Join(dir, list, name))
		}
	}
	dropHalfWritten(filepath.Join(dir, list), stampOf(dir, list).modified)
}

// dropHalfWritten removes what writeFile left behind when its process was
// killed, once it is an hour older than a time by the file system's own clock.
func dropHalfWritten(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		name := e.Name()
		ours := func(what string) bool { return strings.Contains(name, what+"-") }
		if !strings.HasPrefix(name, ".") || !slices.ContainsFunc([]string{contentSuffix, indexSuffix, manifestName}, ours) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
