package media

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"bonafide/kyc"
)

// readJSONLines reads one object a line. Other members than the columns are
// ignored; a line that is no object refuses the file, because a file that is
// broken somewhere may lack anything.
func readJSONLines(r io.Reader, keep *keeper) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxItem)
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\xef\xbb\xbf")))
		if len(line) == 0 {
			continue
		}
		var item struct {
			ID        text `json:"id"`
			URL       text `json:"url"`
			Title     text `json:"title"`
			Published text `json:"published"`
			Language  text `json:"language"`
			Source    text `json:"source"`
			Text      text `json:"text"`
		}
		if err := json.Unmarshal(line, &item); err != nil {
			return invalid("media_unreadable", "line %d is no JSON object of the published members", number)
		}
		a, err := article(func(column string) string {
			return map[string]string{"id": string(item.ID), "url": string(item.URL), "title": string(item.Title), "published": string(item.Published),
				"language": string(item.Language), "source": string(item.Source), "text": string(item.Text)}[column]
		})
		if err != nil {
			return invalid("media_unreadable", "line %d: %s", number, err)
		}
		if err := keep.add(a); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return kyc.Errorf(kyc.TooLarge, "media_too_large", "line %d is longer than %d KiB", number+1, maxItem>>10)
	} else if err != nil {
		return err
	}
	return nil
}

// text is a string or a number, as ids are written.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	var n json.Number
	switch {
	case string(b) == "null":
	case json.Unmarshal(b, &s) == nil:
		*t = text(s)
	case json.Unmarshal(b, &n) == nil:
		*t = text(n)
	default:
		return errors.New("no text")
	}
	return nil
}

// article makes one of its columns. A date that is there and cannot be read is
// an error: an article without its date would count as new for ever.
func article(column func(string) string) (Article, error) {
	a := Article{ID: column("id"), URL: column("url"), Title: column("title"), Language: column("language"), Source: column("source"), Text: column("text")}
	if s := strings.TrimSpace(column("published")); s != "" {
		at, ok := readDate(s)
		if !ok {
			return a, errors.New("the date in published cannot be read; use RFC 3339 or YYYY-MM-DD")
		}
		a.Published = at
	}
	return a, nil
}

// readCSV reads a table with a header. Rows of another width refuse the file.
func readCSV(r io.Reader, keep *keeper) error {
	lines := csv.NewReader(&lineBound{r: r})
	lines.ReuseRecord = true
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return invalid("media_empty", "it is empty")
	}
	if err != nil {
		return csvError(err)
	}
	at := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\xef\xbb\xbf")))
		if _, twice := at[name]; twice && slices.Contains(Columns(), name) {
			return invalid("media_unreadable", "the header names the column %s twice", name)
		}
		at[name] = i
	}
	if _, title := at["title"]; !title {
		if _, body := at["text"]; !body {
			return invalid("media_unreadable", "the header has neither title nor text; the columns are %s", strings.Join(Columns(), ", "))
		}
	}
	for row := 2; ; row++ {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(err)
		}
		a, err := article(func(column string) string {
			if i, ok := at[column]; ok && i < len(record) {
				return strings.Clone(record[i])
			}
			return ""
		})
		if err != nil {
			return invalid("media_unreadable", "row %d: %s", row, err)
		}
		if err := keep.add(a); err != nil {
			return err
		}
	}
}

func csvError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return invalid("media_unreadable", "line %d: %s", p.Line, p.Err)
	}
	return err
}

// lineBound refuses a quoted field that never ends before it fills the memory:
// between two line breaks lie at most maxItem bytes, and a record ends at a
// line break or is quoted, which the count of quotes tells.
type lineBound struct {
	r      io.Reader
	length int
	quoted bool
}

func (l *lineBound) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for _, c := range p[:n] {
		switch l.length++; {
		case c == '"':
			l.quoted = !l.quoted
		case c == '\n' && !l.quoted:
			l.length = 0
		}
		if l.length > maxItem {
			return 0, kyc.Errorf(kyc.TooLarge, "media_too_large", "a row is longer than %d KiB", maxItem>>10)
		}
	}
	return n, err
}
