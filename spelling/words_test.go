package spelling

import (
	"strings"
	"testing"
)

func TestEveryCommonWordIsOfOneKind(t *testing.T) {
	t.Parallel()
	seen := map[string]Kind{}
	for kind, words := range commonWordRows {
		for _, w := range strings.Fields(words) {
			if k, twice := seen[w]; twice && k != kind {
				t.Errorf("%s is of kind %d and of kind %d", w, k, kind)
			}
			seen[w] = kind
		}
	}
}
