package office

import (
	"encoding/json"
	"fmt"
	"slices"

	"bonafide/audit"
	"bonafide/console"
	"bonafide/kyc"
)

// shownRoots is how many days the page shows; the file has all.
const shownRoots = 14

// rootRow is a day that is over.
type rootRow struct {
	Day               string
	First, Last, Size int64
	Root              string
}

// roots are the newest days that are over, and the place up to which entries
// have one.
func (o *office) roots(v *console.Visit) (rows []rootRow, upTo int64, err error) {
	days, err := o.Store.AuditDays(v.Ctx(), v.Tenant().Org, kyc.DayFilter{}, shownRoots)
	for i, d := range days {
		if i == 0 {
			upTo = d.LastSeq
		}
		rows = append(rows, rootRow{Day: d.Day, First: d.FirstSeq, Last: d.LastSeq, Size: d.Size, Root: d.Root})
	}
	return rows, upTo, err
}

// attach makes the answer a file.
func attach(v *console.Visit, contentType, name string) {
	h := v.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// allRoots is more days than a chain has.
const allRoots = 1 << 20

// exportRoots gives the roots of all days, oldest first, one a line: the bytes to
// keep elsewhere.
func (o *office) exportRoots(v *console.Visit) error {
	days, err := o.Store.AuditDays(v.Ctx(), v.Tenant().Org, kyc.DayFilter{}, allRoots)
	if err != nil {
		return err
	}
	attach(v, "application/x-ndjson", "audit-roots.jsonl")
	for _, d := range slices.Backward(days) {
		if _, err := v.W.Write(append(d.Bytes(), '\n')); err != nil {
			return nil //nolint:nilerr // the reader has gone away
		}
	}
	return nil
}

// exportProof gives the proof that an entry is part of its day.
func (o *office) exportProof(v *console.Visit) error {
	id, err := v.ID("id", "entry")
	if err != nil {
		return err
	}
	var proof audit.Proof
	if proof, err = o.Store.AuditProof(v.Ctx(), v.Tenant(), id); err != nil {
		return err
	}
	raw, err := json.Marshal(proof)
	if err != nil {
		return err
	}
	attach(v, "application/json", fmt.Sprintf("audit-proof-%d.json", proof.Event.Seq))
	_, _ = v.W.Write(raw) // a reader that has gone away hears no error
	return nil
}
