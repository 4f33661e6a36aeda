package audit

import (
	"encoding/json"
	"fmt"
	"io"

	"bonafide/kyc"
)

// Line is one line of an exported case file.
type Line struct {
	Type   string          `json:"type"` // event, or the name of the object
	Object json.RawMessage `json:"object"`
}

// Exhibit is an object that belongs into a case file beside its events.
type Exhibit struct {
	Type   string // session, run, input, case, note, upload
	Object any
}

// Export writes a case file as JSON lines: the exhibits in the order given,
// then the sealed events in the order of the chain, each with its sequence and
// hashes, so that a reader can check them against a verified chain.
func Export(w io.Writer, exhibits []Exhibit, events []kyc.Event) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	line := func(kind string, object any) error {
		raw, err := json.Marshal(object)
		if err != nil {
			return fmt.Errorf("writing a %s into the case file: %w", kind, err)
		}
		return enc.Encode(Line{Type: kind, Object: raw})
	}
	for _, x := range exhibits {
		if err := line(x.Type, x.Object); err != nil {
			return err
		}
	}
	for _, e := range events {
		if err := line("event", e); err != nil {
			return err
		}
	}
	return nil
}
