package screen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// shrinkLimit is the share of entries a list may lose from one version to the
// next before it is taken for a broken file.
const shrinkLimit = 0.20

// Import reads a list from files and puts it in force. The format is one of
// Formats(); an empty listID means the format's own id. On any error the last
// good state stays, the error is recorded, and the error is a *kyc.Error with
// one of the codes list_empty, list_truncated, list_incomplete,
// list_wrong_delimiter, list_shrunk, list_format, list_too_large,
// list_unreadable, unknown_format, invalid_list_id, cancelled. Force accepts
// a list that shrank by more than a fifth.
func (s *Screener) Import(ctx context.Context, format, listID string, files []string, force bool) (kyc.ListVersion, error) {
	return s.ImportWith(ctx, format, listID, files, ImportOptions{Force: force})
}

// ImportWith is Import with options. A format that does not say why a party is
// listed refuses those about topics with topics_unsupported, one that is a
// single collection those about datasets with datasets_unsupported.
func (s *Screener) ImportWith(ctx context.Context, format, listID string, files []string, o ImportOptions) (kyc.ListVersion, error) {
	src, err := roster.SourceOf(format)
	if err != nil {
		return kyc.ListVersion{}, err
	}
	if (len(o.Topics) > 0 || o.Assume != "") && !roster.HoldsTopics(src.Format) {
		return kyc.ListVersion{}, kyc.Errorf(kyc.Invalid, "topics_unsupported", "the format %s does not say for what a party is listed; topics belong to ftm, targets_simple, senzing, everypolitician and csv", src.Format)
	}
	if len(o.Datasets) > 0 && !roster.HoldsDatasets(src.Format) {
		return kyc.ListVersion{}, kyc.Errorf(kyc.Invalid, "datasets_unsupported", "the format %s is one collection; datasets belong to us_csl, ftm, targets_simple, senzing and csv", src.Format)
	}
	if listID == "" {
		listID = src.Format
	}
	if err := validListID(listID); err != nil {
		return kyc.ListVersion{}, err
	}
	if len(files) == 0 {
		return kyc.ListVersion{}, kyc.Errorf(kyc.Invalid, "list_unreadable", "no file was given; name the files of the %s list", format)
	}
	o = o.assuming(s.dir, listID, src.Format)
	parse := func() (roster.Parsed, error) {
		var ins []roster.Input
		told := newMeter(o.Progress, files)
		for _, path := range files {
			f, err := os.Open(path)
			if err != nil {
				return roster.Parsed{}, kyc.Errorf(kyc.Invalid, "list_unreadable", "%s cannot be opened: %w", filepath.Base(path), unwrapPath(err))
			}
			defer func() { _ = f.Close() }()
			in, err := roster.Open(path, told.reader(f))
			if err != nil {
				return roster.Parsed{}, err
			}
			ins = append(ins, in)
		}
		p, err := src.Read(ctx, ins)
		if err != nil {
			return roster.Parsed{}, err
		}
		err = o.apply(&p)
		return p, err
	}
	v, _, err := s.replace(ctx, listID, src.Format, parse, replaceOptions{force: o.Force, assume: roster.Clean(o.Assume)})
	return v, err
}

// meter counts what is read of several files.
type meter struct {
	tell        func(read, total int64)
	read, total int64
}

func newMeter(tell func(read, total int64), files []string) *meter {
	m := &meter{tell: tell}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			m.total += info.Size()
		}
	}
	return m
}

func (m *meter) reader(r io.Reader) io.Reader {
	if m.tell == nil {
		return r
	}
	return metered{m, r}
}

type metered struct {
	*meter
	from io.Reader
}

// Read counts.
func (m metered) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.meter.read += int64(n)
	m.tell(m.meter.read, m.total)
	return n, err
}

// unwrapPath drops the full path from a file error.
func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

type replaceOptions struct {
	force     bool
	fictional bool
	assume    string
	remote    map[string]validator
}

// replace is the one way by which a list changes: parse, check against the
// last good state, write the content, swap the manifest, load. It records the
// attempt whatever happens.
func (s *Screener) replace(ctx context.Context, id, format string, parse func() (roster.Parsed, error), o replaceOptions) (kyc.ListVersion, bool, error) {
	s.mark(id, true)
	defer s.mark(id, false)
	p, err := parse()
	s.write.Lock()
	defer s.write.Unlock()
	unlock, lockErr := lockDir(s.dir)
	if lockErr != nil {
		return kyc.ListVersion{}, false, kyc.Errorf(kyc.Unavailable, "lists_unwritable", "the lists folder cannot be written: %w", lockErr)
	}
	defer unlock()

	now := s.clock.Now()
	old, oldErr := readManifest(s.dir, id)
	if oldErr != nil {
		old = manifest{List: id, Source: format}
	}
	next := old
	if err == nil {
		err = plausible(old, p, o)
	}
	changed := false
	if err == nil {
		next, changed, err = s.store(ctx, old, format, p, o, now)
	}
	if err != nil {
		own := stays(err, old)
		old.LastAttempt, old.LastError = now, own.Error()
		if bad := writeManifest(s.dir, old); bad != nil {
			s.log.Error("the failed list import could not be recorded", "list", id, "error", bad)
		}
		s.log.Warn("list import refused", "list", id, "code", own.Code, "reason", own.Message)
		_, _ = s.reload()
		return old.version(now, statusOf(old)), false, own
	}
	dropOldContent(s.dir, id, next.File, old.File)
	if _, err := s.reload(); err != nil {
		return next.version(now, kyc.StatusError), changed, err
	}
	s.log.Info("list in force", "list", id, "version", next.Version, "entries", next.Entries, "changed", changed)
	return next.version(now, kyc.StatusOK), changed, nil
}

// stays adds to the reason of a failure that the last good state goes on, where
// there is one.
func stays(err error, old manifest) *kyc.Error {
	own := *kyc.AsError(err)
	if old.Version != "" {
		own.Message += "; the last good state stays in force"
	}
	return &own
}

// statusOf is the plain status of a manifest: never imported, or there.
func statusOf(m manifest) kyc.AnswerStatus {
	if m.Version == "" {
		return kyc.StatusNotConfigured
	}
	return kyc.StatusOK
}

// plausible compares with the last good state. Aliases count beside the entries:
// a file of them can be cut, or read as something else, and every entry is there
// still.
func plausible(old manifest, p roster.Parsed, o replaceOptions) error {
	if old.Version == "" || o.force {
		return nil
	}
	for _, c := range []struct {
		what    string
		was, is int
	}{{"entries", old.Entries, len(p.Entities)}, {"names and aliases", old.Names, namesOf(p.Entities)}} {
		if float64(c.is) < float64(c.was)*(1-shrinkLimit) {
			return kyc.Errorf(kyc.Invalid, "list_shrunk", "the list %s would shrink from %d to %d %s; if that is right, import it with --force", old.List, c.was, c.is, c.what)
		}
	}
	return nil
}

// namesOf counts the names and aliases of all entries.
func namesOf(entities []roster.Entity) int {
	n := 0
	for i := range entities {
		n += len(entities[i].Names)
	}
	return n
}

// store writes content, index and manifest; nothing is visible before the
// manifest's rename.
func (s *Screener) store(ctx context.Context, old manifest, format string, p roster.Parsed, o replaceOptions, now time.Time) (manifest, bool, error) {
	file, version, err := encodeSnapshot(p.Entities)
	if err != nil {
		return old, false, kyc.Errorf(kyc.Internal, "list_unwritable", "the list %s cannot be stored: %w", old.List, err)
	}
	if ctx.Err() != nil {
		return old, false, kyc.Errorf(kyc.Unavailable, "cancelled", "the import was cancelled: %w", ctx.Err())
	}
	next := manifest{
		List: old.List, Source: format, Version: version, File: contentName(version), Bytes: int64(len(file)), Entries: len(p.Entities), Names: namesOf(p.Entities),
		FetchedAt: now, Published: p.Published, LastAttempt: now, Fictional: o.fictional, Assume: o.assume, Remote: o.remote,
	}
	if err := writeFile(filepath.Join(s.dir, next.List), next.File, file); err != nil {
		return old, false, kyc.Errorf(kyc.Unavailable, "list_unwritable", "the list %s cannot be stored: %w", old.List, err)
	}
	s.saveIndex(next, p.Entities, file)
	if next.Since = old.Since; old.Version != version {
		next.Since = s.since(old, next, now)
	}
	if err := writeManifest(s.dir, next); err != nil {
		return old, false, kyc.Errorf(kyc.Unavailable, "list_unwritable", "the list %s cannot be stored: %w", old.List, err)
	}
	return next, old.Version != version, nil
}

// mark keeps the set of lists that are being imported now.
func (s *Screener) mark(id string, running bool) {
	s.busyMu.Lock()
	defer s.busyMu.Unlock()
	if running {
		s.busy[id]++
	} else if s.busy[id]--; s.busy[id] <= 0 {
		delete(s.busy, id)
	}
}

// recordFailure notes a failed attempt that never came as far as a parse.
func (s *Screener) recordFailure(id, format string, cause error) {
	_, _, _ = s.replace(context.Background(), id, format, func() (roster.Parsed, error) { return roster.Parsed{}, cause }, replaceOptions{})
}

// confirm notes that the source says nothing changed: the content is as fresh
// as now.
func (s *Screener) confirm(id string) (kyc.ListVersion, error) {
	s.write.Lock()
	defer s.write.Unlock()
	unlock, err := lockDir(s.dir)
	if err != nil {
		return kyc.ListVersion{}, kyc.Errorf(kyc.Unavailable, "lists_unwritable", "the lists folder cannot be written: %w", err)
	}
	defer unlock()
	m, err := readManifest(s.dir, id)
	if err != nil {
		return kyc.ListVersion{}, err
	}
	now := s.clock.Now()
	m.FetchedAt, m.LastAttempt, m.LastError = now, now, ""
	if err := writeManifest(s.dir, m); err != nil {
		return kyc.ListVersion{}, fmt.Errorf("confirming list %s: %w", id, err)
	}
	_, err = s.reload()
	return m.version(now, kyc.StatusOK), err
}

// sortedKeys of a map, for stable output.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Remove takes a list out of force and deletes what is stored of it. An answer
// that asks for it by name says not_configured from then on. Errors: NotFound
// unknown_list.
func (s *Screener) Remove(id string) error {
	if err := validListID(id); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	unlock, err := lockDir(s.dir)
	if err != nil {
		return kyc.Errorf(kyc.Unavailable, "lists_unwritable", "the lists folder cannot be written: %w", err)
	}
	defer unlock()
	if stampOf(s.dir, id) == (stamp{}) {
		return kyc.Errorf(kyc.NotFound, "unknown_list", "there is no list %s here", id)
	}
	// Without its manifest nothing else of a list counts, so that goes first.
	if err := os.Remove(filepath.Join(s.dir, id, manifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return kyc.Errorf(kyc.Unavailable, "lists_unwritable", "the list %s cannot be removed: %w", id, unwrapPath(err))
	}
	if err := os.RemoveAll(filepath.Join(s.dir, id)); err != nil {
		return kyc.Errorf(kyc.Unavailable, "lists_unwritable", "what is left of the list %s cannot be removed: %w", id, unwrapPath(err))
	}
	_, err = s.reload()
	return err
}
