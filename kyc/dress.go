package kyc

import "strings"

// Dress writes an id as surface D shows it: the kind, an underscore and the
// UUID (session_0199…). An empty id stays empty.
func Dress(kind string, id ID) string {
	if id == "" {
		return ""
	}
	return kind + "_" + string(id)
}

// Undress reads a dressed id; the bare UUID is accepted too. It reports false
// for anything else, another kind's dress included.
func Undress(kind, s string) (ID, bool) {
	return ParseID(strings.TrimPrefix(s, kind+"_"))
}
