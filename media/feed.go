package media

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"bonafide/kyc"
)

// Formats of feeds.
const (
	FormatFeed  = "feed"  // RSS 0.9-2.0 or Atom
	FormatJSONL = "jsonl" // one JSON object a line
	FormatCSV   = "csv"   // a header with the published columns
)

// Formats are those that can be imported.
func Formats() []string { return []string{FormatFeed, FormatJSONL, FormatCSV} }

// Columns of CSV files and members of JSON lines, in any order: title or text
// must be there, the others may be missing. published is RFC 3339 or
// YYYY-MM-DD, language ISO 639-1.
func Columns() []string {
	return []string{"id", "url", "title", "published", "language", "source", "text"}
}

// formatOf guesses a format from a file's name and its first bytes.
func formatOf(name string, head []byte) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch filepath.Ext(name) {
	case ".jsonl", ".ndjson":
		return FormatJSONL
	case ".csv":
		return FormatCSV
	case ".xml", ".rss", ".atom", ".rdf":
		return FormatFeed
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	switch {
	case bytes.HasPrefix(head, []byte("<")):
		return FormatFeed
	case bytes.HasPrefix(head, []byte("{")):
		return FormatJSONL
	}
	return FormatCSV
}

// parsed is what a file holds. skipped counts items that could not be kept.
type parsed struct {
	articles []Article
	skipped  int
}

// read reads one file, plain or .gz. An empty format is guessed. It errs with
// media_unreadable, media_too_large, media_empty or unknown_format.
func read(ctx context.Context, feed Feed, format, name string, r io.Reader) (parsed, error) {
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return parsed{}, invalid("media_unreadable", "%s is no gzip file", filepath.Base(name))
		}
		defer func() { _ = z.Close() }()
		r = z
	}
	bounded := &counted{r: r, left: maxFile}
	head := make([]byte, 512)
	n, err := io.ReadFull(bounded, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return parsed{}, readError(name, err)
	}
	head = head[:n]
	if format == "" {
		format = formatOf(name, head)
	}
	whole := io.MultiReader(bytes.NewReader(head), bounded)
	out := &keeper{ctx: ctx, feed: feed}
	switch format {
	case FormatFeed:
		err = readFeed(whole, out)
	case FormatJSONL:
		err = readJSONLines(whole, out)
	case FormatCSV:
		err = readCSV(whole, out)
	default:
		return parsed{}, invalid("unknown_format", "there is no format %s; use feed (RSS, Atom), jsonl or csv", cut(format, 40))
	}
	if err == nil && len(out.articles) == 0 && out.skipped > 0 {
		err = invalid("media_unreadable", "none of its %d items has a title or a text", out.skipped)
	}
	if err != nil {
		return parsed{}, readError(name, err)
	}
	return out.parsed, nil
}

// readError puts the name of the file before what is wrong with it.
func readError(name string, err error) error {
	var own *kyc.Error
	if errors.As(err, &own) {
		return kyc.Errorf(own.Kind, own.Code, "%s: %s", filepath.Base(name), own.Message)
	}
	return kyc.Errorf(kyc.Invalid, "media_unreadable", "%s cannot be read: %w", filepath.Base(name), err)
}

// keeper takes the articles of one file.
type keeper struct {
	parsed
	ctx  context.Context
	feed Feed
}

func (k *keeper) add(a Article) error {
	if len(k.articles)+k.skipped >= maxArticles {
		return kyc.Errorf(kyc.TooLarge, "media_too_large", "it has more than %d items", maxArticles)
	}
	if k.ctx.Err() != nil {
		return kyc.Errorf(kyc.Unavailable, "cancelled", "the import was cancelled")
	}
	if a.clean(k.feed) != "" {
		k.skipped++
		return nil
	}
	k.articles = append(k.articles, a)
	return nil
}

// counted refuses a file that is larger than allowed, also after unpacking.
type counted struct {
	r    io.Reader
	left int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, kyc.Errorf(kyc.TooLarge, "media_too_large", "it is larger than %d MiB", maxFile>>20)
	}
	return n, err
}
