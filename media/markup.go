package media

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// stripMarkup gives the text of what may be HTML. Blocks end a line; scripts,
// styles and the like are left out. A text without markup stays as it is.
func stripMarkup(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(maxItem)
	var b strings.Builder
	silent := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return "" // a token of more than the limit: no text to rely on
			}
			return b.String()
		case html.TextToken:
			if silent == 0 {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case hidden(tag):
				silent++
			case block(tag):
				b.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := z.TagName(); block(string(name)) {
				b.WriteByte('\n')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case hidden(tag):
				silent = max(0, silent-1)
			case block(tag):
				b.WriteByte('\n')
			}
		}
	}
}

func hidden(tag string) bool {
	switch tag {
	case "script", "style", "noscript", "template", "iframe", "object", "svg", "math", "select", "textarea", "noframes", "noembed", "xmp":
		return true
	}
	return false
}

func block(tag string) bool {
	switch tag {
	case "p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "blockquote", "section", "article", "header", "footer", "figure", "figcaption", "hr", "pre", "dd", "dt", "td", "th":
		return true
	}
	return false
}
