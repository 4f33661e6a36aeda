package media

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// Limits of what one feed may bring.
const (
	maxFile     = 256 << 20 // bytes of a file or download
	maxXMLFile  = 32 << 20  // RSS and Atom are held in memory as a whole
	maxItem     = 1 << 20   // bytes of one item as it is written
	maxArticles = 500_000   // of one import
	maxText     = 64 << 10  // bytes of an article's text that are kept
	maxTitle    = 1000      // bytes
	maxURL      = 2048
	maxSource   = 200
	maxID       = 300
)

// Article is one piece of news as it is kept.
type Article struct {
	// ID is the feed's own id, or the first 32 hex digits of a SHA-256 over
	// address and title where it has none.
	ID    string `json:"id"`
	URL   string `json:"url"` // http(s), or empty
	Title string `json:"title"`
	// Published is when; zero where the feed does not say.
	Published time.Time `json:"published"`
	Language  string    `json:"language"` // ISO 639-1, or empty
	Source    string    `json:"source"`   // who published it
	Text      string    `json:"text"`     // without markup
}

// clean bounds and normalises an article. It answers why it cannot be kept, or "".
func (a *Article) clean(feed Feed) string {
	a.Title = cut(oneSpace(stripMarkup(a.Title)), maxTitle)
	a.Text = cut(paragraphs(stripMarkup(a.Text)), maxText)
	a.Source = cut(oneSpace(a.Source), maxSource)
	a.URL = strings.TrimSpace(a.URL)
	if len(a.URL) > maxURL || !strings.HasPrefix(a.URL, "https://") && !strings.HasPrefix(a.URL, "http://") || strings.ContainsFunc(a.URL, unicode.IsControl) || !utf8.ValidString(a.URL) {
		a.URL = ""
	}
	if a.Source == "" {
		a.Source = feed.ID
	}
	a.Language = languageCode(a.Language)
	if a.Language == "" {
		a.Language = languageCode(feed.Language)
	}
	a.ID = cut(oneSpace(a.ID), maxID)
	if a.Title == "" && a.Text == "" {
		return "it has neither title nor text"
	}
	if a.ID == "" {
		sum := sha256.Sum256([]byte(a.URL + "\x00" + a.Title + "\x00" + map[bool]string{true: a.Text}[a.URL == ""]))
		a.ID = hex.EncodeToString(sum[:16])
	}
	return ""
}

// digest tells whether two articles say the same.
func (a *Article) digest() string {
	sum := sha256.Sum256([]byte(a.Title + "\x00" + a.Text))
	return hex.EncodeToString(sum[:16])
}

// languageCode is the ISO 639-1 part of a language tag, or "".
func languageCode(tag string) string {
	tag = strings.ToLower(strings.TrimSpace(tag))
	head, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	if len(head) != 2 || head[0] < 'a' || head[0] > 'z' || head[1] < 'a' || head[1] > 'z' {
		return ""
	}
	return head
}

// cut shortens a text to n bytes without breaking a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// oneSpace joins all white space and drops what cannot be shown.
func oneSpace(s string) string {
	return strings.Join(strings.Fields(printable(s)), " ")
}

// paragraphs keeps line breaks, which end sentences, and joins other space.
func paragraphs(s string) string {
	var out []string
	for line := range strings.Lines(printable(s)) {
		if f := strings.Fields(line); len(f) > 0 {
			out = append(out, strings.Join(f, " "))
		}
	}
	return strings.Join(out, "\n")
}

func printable(s string) string {
	s = strings.ToValidUTF8(s, " ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return r
		case r == '\u00ad' || r == '\u200b' || r == '\ufeff' || r == '\u2060':
			return -1
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf) && r != '\u200c' && r != '\u200d':
			return ' '
		}
		return r
	}, s)
}

// readDate understands the spellings of dates that feeds use.
func readDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly, time.RFC1123Z, time.RFC1123,
		"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1800 && t.Year() < 2200 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func invalid(code, format string, args ...any) error {
	return kyc.Errorf(kyc.Invalid, code, format, args...)
}
