package media

import (
	"fmt"
	"strings"
)

// Explain writes a finding for people: what is reported, the sentence, and the
// rows of both scores.
func Explain(f Finding) string {
	var b strings.Builder
	date := "no date"
	if !f.Published.IsZero() {
		date = f.Published.Format("2006-01-02")
	}
	fmt.Fprintf(&b, "risk %3.0f  match %.2f  %s\n  %s, %s, feed %s, %s\n", f.Risk, f.Score, f.Summary, f.Source, date, f.Feed, f.ID)
	if f.Title != "" {
		fmt.Fprintf(&b, "  title    %s\n", f.Title)
	}
	if f.Snippet != "" && f.Snippet != f.Title {
		fmt.Fprintf(&b, "  snippet  %s\n", f.Snippet)
	}
	for _, row := range f.Why {
		fmt.Fprintf(&b, "  %+7.0f  %s", row.Points, row.Rule)
		if row.Words != "" {
			fmt.Fprintf(&b, "  %q", row.Words)
		}
		b.WriteByte('\n')
	}
	for _, row := range f.Features {
		fmt.Fprintf(&b, "  %+7.4f  %s", row.Points, row.Name)
		if row.Query != "" || row.Listed != "" {
			fmt.Fprintf(&b, " %q with %q", row.Query, row.Listed)
		}
		fmt.Fprintf(&b, " (%s)\n", row.Rule)
	}
	return strings.TrimRight(b.String(), "\n")
}
