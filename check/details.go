package check

import (
	"bytes"
	"encoding/json"
)

// plainly turns a struct into the maps and lists that details are made of;
// numbers are json.Number, exact in every store.
func plainly(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // only the room's own structs come here; none can fail
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out any
	if dec.Decode(&out) != nil {
		return nil
	}
	return out
}

// detail reads one member of another check's details into a struct. It reports
// false when there is none or it has another shape.
func detail(details map[string]any, name string, into any) bool {
	v, ok := details[name]
	if !ok {
		return false
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return false
	}
	return json.Unmarshal(raw, into) == nil
}
