package media

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"github.com/mmcdole/gofeed"

	"bonafide/kyc"
)

// maxXMLDepth bounds how deep elements may be nested.
const maxXMLDepth = 64

// readFeed reads RSS or Atom. The file is looked over for its shape before the
// library builds anything of it.
func readFeed(r io.Reader, keep *keeper) error {
	raw, err := io.ReadAll(io.LimitReader(r, maxXMLFile+1))
	if err != nil {
		return err
	}
	if len(raw) > maxXMLFile {
		return kyc.Errorf(kyc.TooLarge, "media_too_large", "it is larger than %d MiB", maxXMLFile>>20)
	}
	if err := sober(raw); err != nil {
		return err
	}
	f, err := parseFeed(raw)
	if err != nil {
		return err
	}
	for _, item := range f.Items {
		if item == nil {
			continue
		}
		a := Article{ID: item.GUID, URL: item.Link, Title: item.Title, Language: f.Language, Source: f.Title, Text: item.Content}
		if len(item.Description) > len(a.Text) {
			a.Text = item.Description
		}
		switch {
		case item.PublishedParsed != nil:
			a.Published = item.PublishedParsed.UTC()
		case item.UpdatedParsed != nil:
			a.Published = item.UpdatedParsed.UTC()
		}
		if y := a.Published.Year(); y < 1800 || y > 2200 {
			a.Published = Article{}.Published
		}
		if len(a.Text) > maxItem || len(a.Title) > maxItem {
			return kyc.Errorf(kyc.TooLarge, "media_too_large", "an item is larger than %d KiB", maxItem>>10)
		}
		if err := keep.add(a); err != nil {
			return err
		}
	}
	return nil
}

// parseFeed turns a panic of the library into an error, because what it reads
// comes from outside.
func parseFeed(raw []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, invalid("media_unreadable", "it is no RSS or Atom feed")
		}
	}()
	f, err = gofeed.NewParser().Parse(bytes.NewReader(raw))
	if err != nil || f == nil {
		return nil, invalid("media_unreadable", "it is no RSS or Atom feed")
	}
	return f, nil
}

// sober refuses what no feed needs: a document type (with it entities that
// grow) and elements nested very deep.
func sober(raw []byte) error {
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.Strict = false
	d.AutoClose = xml.HTMLAutoClose
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	depth := 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth > 0 {
				return invalid("media_unreadable", "it breaks off in the middle")
			}
			return nil
		}
		if err != nil {
			return invalid("media_unreadable", "it is no well-formed XML")
		}
		switch t := t.(type) {
		case xml.Directive:
			if bytes.HasPrefix(bytes.TrimSpace(bytes.ToUpper(t)), []byte("DOCTYPE")) && bytes.ContainsRune(t, '[') {
				return invalid("media_unreadable", "it declares entities of its own, which feeds may not")
			}
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return invalid("media_unreadable", "its elements are nested more than %d deep", maxXMLDepth)
			}
		case xml.EndElement:
			depth--
		}
	}
}
