package flow

import (
	"cmp"
	"fmt"
	"slices"

	"bonafide/kyc"
)

// findings gathers problems. Every rule adds to it and goes on, so that an
// author sees everything wrong at once.
type findings struct {
	errors, warnings []kyc.Problem
	lenient          bool
}

func (f *findings) fail(node, path, code, format string, args ...any) {
	f.errors = append(f.errors, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...), Node: node})
}

func (f *findings) warn(node, path, code, format string, args ...any) {
	f.warnings = append(f.warnings, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...), Node: node})
}

// unknown reports a field nobody reads: an error, because a typo in a policy
// must not pass silently, or a warning when the caller asked for leniency.
func (f *findings) unknown(node, path, name string) {
	if f.lenient {
		f.warn(node, path, "unknown_field", "nothing reads the field %q", name)
		return
	}
	f.fail(node, path, "unknown_field", "nothing reads the field %q", name)
}

// report gives both lists in a stable order, each problem once.
func (f *findings) report() Report {
	return Report{Errors: tidy(f.errors), Warnings: tidy(f.warnings)}
}

func tidy(list []kyc.Problem) []kyc.Problem {
	slices.SortStableFunc(list, func(a, b kyc.Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code),
			slices.Compare(a.Nodes, b.Nodes), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(list, func(a, b kyc.Problem) bool {
		return a.Path == b.Path && a.Code == b.Code && a.Message == b.Message && slices.Equal(a.Nodes, b.Nodes)
	})
}
