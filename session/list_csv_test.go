package session

import (
	"reflect"
	"testing"

	"bonafide/kyc"
)

// What a list's export writes means the same when it is read again, or an entry
// would look after nobody.
func TestRowsMeanWhatTheExportWrote(t *testing.T) {
	t.Parallel()
	header := []string{"value", "note", "shop", "latitude"}
	for _, c := range []struct {
		row  []string
		want kyc.ListValue
		bad  string
	}{
		{[]string{Inert("=HYPERLINK(1)"), Inert("@home")}, kyc.ListValue{Value: "=HYPERLINK(1)", Note: "@home"}, ""},
		{[]string{"'quoted'", "", "Utrecht", "52.1"}, kyc.ListValue{Value: "'quoted'", Latitude: 52.1, Extra: map[string]string{"shop": "Utrecht"}}, ""},
		{[]string{"a", "", "", "NaN"}, kyc.ListValue{Value: "a"}, "latitude"},
		{[]string{"a", "", "", "+Inf"}, kyc.ListValue{Value: "a"}, "latitude"},
		{[]string{"a", "", "", "1e7"}, kyc.ListValue{Value: "a"}, "latitude"},
	} {
		if v, bad := RowOf(header, c.row); !reflect.DeepEqual(v, c.want) || bad != c.bad {
			t.Errorf("%q: %+v %q", c.row, v, bad)
		}
	}
}
