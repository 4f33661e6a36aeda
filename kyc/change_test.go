package kyc

import (
	"reflect"
	"testing"
)

// What only says who read something holds events of reading and nothing else,
// whatever parts a change may get.
func TestOnlyLooks(t *testing.T) {
	t.Parallel()
	read := Event{Action: "case.read"}
	for name, c := range map[string]struct {
		events []Event
		want   bool
	}{
		"nothing":            {nil, false},
		"one":                {[]Event{read}, true},
		"two":                {[]Event{read, {Action: "session.result.read"}}, true},
		"a decision beside":  {[]Event{read, {Action: "case.approve"}}, false},
		"a decision":         {[]Event{{Action: "case.approve"}}, false},
		"one told elsewhere": {[]Event{{Action: "case.read", Webhook: "case.read"}}, false},
	} {
		if got := (&Change{Events: c.events}).OnlyLooks(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	belongs := map[string]bool{"Events": true, "TraitTenant": true, "Unneeded": true} // the last two say how others are meant
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Change]()) {
		if belongs[f.Name] {
			continue
		}
		c := Change{Events: []Event{read}}
		v := reflect.ValueOf(&c).Elem().FieldByIndex(f.Index)
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(f.Type.Elem()))
		} else {
			v.Set(reflect.MakeSlice(f.Type, 1, 1))
		}
		if c.OnlyLooks() {
			t.Errorf("a change with %s is taken for a look", f.Name)
		}
	}
}
