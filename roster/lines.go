package roster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"bonafide/kyc"
)

// eachJSONLine calls one for each line of a file of JSON objects. A last line
// that is not closed means the file is cut off; what names the form for the
// message about a line that is no such object, or that one refuses.
func eachJSONLine(ctx context.Context, in Input, what string, one func(line []byte) error) error {
	if head := strings.TrimLeft(firstBytes(in, 64), " \r\n\t"); !strings.HasPrefix(head, "{") {
		return wrongFormat(in.name, what+" lines begin with {")
	}
	sc := bufio.NewReaderSize(in.r, 1<<20)
	for n := 1; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ReadError(in.name, ctx.Err())
		}
		line, err := ReadLine(sc)
		if err != nil && !errors.Is(err, io.EOF) {
			return ReadError(in.name, err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if bad := one(line); bad != nil {
				return lineError(in, what, n, line, errors.Is(err, io.EOF), bad)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

// lineError says what is wrong with a line; last is the one that the file ends
// in without a line break.
func lineError(in Input, what string, n int, line []byte, last bool, bad error) error {
	switch own := kyc.AsError(bad); {
	case own.Kind != kyc.Invalid || json.Valid(line) && line[0] == '{':
		return kyc.Errorf(own.Kind, own.Code, "%s, line %d: %s", in.name, n, own.Message)
	case last:
		return truncated(in.name, "the last line is not closed")
	}
	return kyc.Errorf(kyc.Invalid, "list_format", "%s has no %s entity in line %d", in.name, what, n)
}

// sets keeps each combination of datasets once, because most entries of a list
// share a few.
type sets map[string][]string

func newSets() sets { return sets{} }

// of gives the sorted, distinct labels of a combination.
func (s sets) of(labels []string) []string {
	var out []string
	for _, l := range labels {
		out = addOnce(out, Clean(l))
	}
	if len(out) == 0 {
		return nil
	}
	slices.Sort(out)
	key := strings.Join(out, "\x00")
	if have, ok := s[key]; ok {
		return have
	}
	s[key] = out
	return out
}
