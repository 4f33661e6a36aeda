package onboarding

import "encoding/json"

// Compile gives the graph of surface D (api.md 6.3) that a session of the
// definition is decided by. flow.Compile checks and links it.
func Compile(d *Definition, o CompileOptions) json.RawMessage {
	return nil
}
