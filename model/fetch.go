package model

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
)

const (
	// partSuffix marks a download that is not complete.
	partSuffix = ".part"
	// answerTime is how long a server may think, stallTime how long it may send
	// nothing.
	answerTime   = 30 * time.Second
	stallTime    = 60 * time.Second
	maxRedirects = 5
)

// PullOptions of a download.
type PullOptions struct {
	// Transport carries the requests; nil: the usual one, with a limit of time
	// for the first answer.
	Transport http.RoundTripper
	// Progress is told how far the download is, in bytes; total is 0 where
	// nobody knows it.
	Progress func(done, total int64)
}

// Pull fetches the file of an entry into a folder: to a part file first, which
// a later call continues; put in its place only when its checksum is right. A part
// that nothing can be continued from does not stay.
// Errors: Invalid model_no_address, model_differs; NotFound
// model_download_missing; TooLarge model_too_large; Unavailable
// model_download_failed, which may be tried again.
func (s *Store) Pull(ctx context.Context, dir string, e Entry, o PullOptions) error {
	if e.Download == "" {
		return kyc.Errorf(kyc.Invalid, "model_no_address", "%s has no public address; get it from %s and run: bonafide models add FILE", e.Name, e.Origin)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the models folder: %w", err)
	}
	target := filepath.Join(dir, e.File)
	if info, err := os.Stat(target); err == nil && info.Mode().IsRegular() && s.verify(e, target, info) == nil {
		return removed(target + partSuffix)
	}
	if o.Transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = answerTime
		defer t.CloseIdleConnections()
		o.Transport = t
	}
	continued, err := e.download(ctx, target+partSuffix, o)
	if err == nil {
		err = e.settle(target)
	}
	if continued && kyc.IsCode(err, "model_differs") {
		// What lay there was of another file: once more from the beginning.
		if _, err = e.download(ctx, target+partSuffix, o); err == nil {
			err = e.settle(target)
		}
	}
	if info, bad := os.Stat(target + partSuffix); bad == nil && err != nil && (info.Size() == 0 || kyc.IsCode(err, "model_download_missing")) {
		err = errors.Join(err, removed(target+partSuffix))
	}
	return err
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clearing away what was left of a download: %w", err)
	}
	return nil
}

// staleAfter is how long nobody has to have written to a part of a file for it to
// be taken for what was left behind.
const staleAfter = 7 * 24 * time.Hour

// Tidy clears away what commands that were killed left in a folder: parts of files
// that no model has any more, and those older than a week, with copies that were
// never finished.
func (s *Store) Tidy(dir string, now time.Time) error {
	found, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking into the models folder: %w", err)
	}
	var failed []error
	for _, f := range found {
		name, part := strings.CutSuffix(f.Name(), partSuffix)
		copied := unfinished.MatchString(f.Name())
		if !f.Type().IsRegular() || !part && !copied {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another command cleared it away
		}
		continued := slices.ContainsFunc(s.entries, func(e Entry) bool { return e.File == name && e.Download != "" })
		if err == nil && (part && !continued || now.Sub(info.ModTime()) > staleAfter) {
			err = removed(filepath.Join(dir, f.Name()))
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// unfinished is a file that atomically writes.
var unfinished = regexp.MustCompile(`\.(onnx|traineddata|yaml)\.new[0-9]+$`)

// settle puts a complete download into its place, or throws it away.
func (e Entry) settle(target string) error {
	part := target + partSuffix
	sum, err := checksum(part)
	if err == nil && sum != e.SHA256 {
		err = differs(e.File, sum, e)
	}
	if err != nil {
		os.Remove(part)
		return err
	}
	if err := os.Rename(part, target); err != nil {
		return fmt.Errorf("putting the model into its place: %w", err)
	}
	return nil
}

// limit is the largest size the file may have.
func (e Entry) limit() int64 {
	if e.Size > 0 {
		return e.Size
	}
	return MaxFile
}

// download writes the part file to its end; continued tells that it did not
// begin at the beginning.
func (e Entry) download(ctx context.Context, part string, o PullOptions) (continued bool, err error) {
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return false, fmt.Errorf("opening the download: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, fmt.Errorf("opening the download: %w", err)
	}
	if have >= e.limit() { // complete but never settled, or of another file
		have = 0
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stall := time.AfterFunc(answerTime+stallTime, cancel)
	defer stall.Stop()
	resp, err := e.ask(ctx, have, o)
	if err != nil {
		return have > 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusPartialContent || !startsAt(resp, have) {
		if resp.StatusCode == http.StatusPartialContent {
			return have > 0, failedDownload(e, errors.New("the server sent another part than the one asked for"))
		}
		have = 0
	}
	if err := errors.Join(file.Truncate(have), seek(file, have)); err != nil {
		return have > 0, fmt.Errorf("opening the download: %w", err)
	}
	total := e.Size
	if resp.ContentLength >= 0 {
		total = have + resp.ContentLength
	}
	if total > e.limit() {
		os.Remove(part)
		return have > 0, tooLarge(e)
	}
	w := &counted{file, have, total, o.Progress, func() { stall.Reset(stallTime) }}
	n, err := io.Copy(w, io.LimitReader(resp.Body, e.limit()-have+1))
	switch {
	case err != nil:
		return have > 0, failedDownload(e, err)
	case have+n > e.limit():
		os.Remove(part)
		return have > 0, tooLarge(e)
	case e.Size > 0 && have+n < e.Size, resp.ContentLength >= 0 && n < resp.ContentLength:
		return have > 0, failedDownload(e, io.ErrUnexpectedEOF)
	}
	if err := file.Sync(); err != nil {
		return have > 0, fmt.Errorf("writing the download: %w", err)
	}
	return have > 0, nil
}

func seek(f *os.File, to int64) error {
	_, err := f.Seek(to, io.SeekStart)
	return err
}

// ask asks for the file from a place on.
func (e Entry) ask(ctx context.Context, from int64, o PullOptions) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Download, http.NoBody)
	if err != nil {
		return nil, kyc.Errorf(kyc.Invalid, "model_no_address", "the address of %s cannot be read: %w", e.Name, err)
	}
	if from > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
	}
	client := &http.Client{Transport: o.Transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return errors.New("redirected away from https")
		}
		return nil
	}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, failedDownload(e, err)
	}
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		return resp, nil
	case http.StatusRequestedRangeNotSatisfiable:
		resp.Body.Close()
		return e.ask(ctx, 0, o)
	case http.StatusNotFound, http.StatusGone:
		resp.Body.Close()
		return nil, kyc.Errorf(kyc.NotFound, "model_download_missing", "%s is no longer at %s; look at %s and run: bonafide models add FILE", e.Name, e.Download, e.Origin)
	}
	resp.Body.Close()
	return nil, failedDownload(e, errors.New("the server answered "+resp.Status))
}

// startsAt reports whether a partial answer begins where it was asked to.
func startsAt(resp *http.Response, from int64) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Range"), "bytes "+strconv.FormatInt(from, 10)+"-")
}

func failedDownload(e Entry, err error) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, "model_download_failed", "%s could not be fetched; the same command goes on where it stopped: %w", e.Name, err)
}

func tooLarge(e Entry) *kyc.Error {
	return kyc.Errorf(kyc.TooLarge, "model_too_large", "what lies at %s is larger than the %d bytes of %s", e.Download, e.limit(), e.Name)
}

// counted tells about bytes on their way into a file.
type counted struct {
	w           io.Writer
	done, total int64
	tell        func(done, total int64)
	alive       func()
}

// Write writes and tells.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.done += int64(n)
	c.alive()
	if c.tell != nil {
		c.tell(c.done, c.total)
	}
	return n, err
}
