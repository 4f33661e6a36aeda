package screen

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
)

// Codes of names that cannot be screened.
const (
	unscreenable = "name_unscreenable"
	tooLong      = "name_too_long"
	unreadable   = "name_unreadable"
)

// refusal is the error of all that keeps a query from being screened, each with its
// path as the questions of the API have it; nil where nothing does. Its code is that
// of the first.
func refusal(bad []kyc.Problem) *kyc.Error {
	if len(bad) == 0 {
		return nil
	}
	message := "the name to screen has no word that could identify anybody"
	switch bad[0].Code {
	case tooLong:
		message = fmt.Sprintf("a name to screen may have %d bytes and %d aliases", maxQueryBytes, maxAliases)
	case unreadable:
		message = "the name to screen is not valid UTF-8"
	}
	return kyc.InvalidInput(bad[0].Code, message, bad)
}

// misfits are the names of a query that cannot be read at all. name is that of
// asked.
func (q *Query) misfits(name string) (bad []kyc.Problem) {
	if code, message := misfit(name); code != "" {
		bad = append(bad, kyc.Problem{Path: q.namePath(), Code: code, Message: message})
	}
	if len(q.Aliases) > maxAliases {
		bad = append(bad, kyc.Problem{Path: "/aliases", Code: tooLong, Message: fmt.Sprintf("%d aliases, at most %d", len(q.Aliases), maxAliases)})
	}
	for i, text := range q.Aliases[:min(len(q.Aliases), maxAliases)] {
		if code, message := misfit(text); code != "" {
			bad = append(bad, kyc.Problem{Path: fmt.Sprintf("/aliases/%d", i), Code: code, Message: message})
		}
	}
	return bad
}

// misfit is why a text is no name that can be read; empty where it is one.
func misfit(text string) (code, message string) {
	switch {
	case len(text) > maxQueryBytes:
		return tooLong, fmt.Sprintf("%d bytes, at most %d", len(text), maxQueryBytes)
	case !utf8.ValidString(text):
		return unreadable, "write it in UTF-8"
	}
	return "", ""
}

// namePath is where the name stands: in one field, or in two, of which the longer
// is named.
func (q *Query) namePath() string {
	switch {
	case strings.TrimSpace(q.Name) != "" || strings.TrimSpace(q.FirstName+q.LastName) == "":
		return "/name"
	case len(q.FirstName) > len(q.LastName):
		return "/first_name"
	}
	return "/last_name"
}
