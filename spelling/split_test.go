package spelling

import (
	"slices"
	"strings"
	"testing"
)

// The short way through ASCII names parts them as the long one does.
func FuzzSplitASCII(f *testing.F) {
	for _, name := range []string{"O'Neill & Sons Ltd.", "AL-ZAWAHIRI, Ayman", "A.B. `Abd\tal \x01Rahman\x7f", "X+Y  9-11", "", "'", "a'", "&&", strings.Repeat("x ", 40)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for i := range len(name) {
			if name[i] >= 0x80 {
				t.Skip()
			}
		}
		if got, want := splitASCII(name), splitWords(name, 0); !slices.Equal(got, want) {
			t.Errorf("%q has the words %+v, the long way says %+v", name, got, want)
		}
	})
}
