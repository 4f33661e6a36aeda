package screen

import (
	"bytes"
	"fmt"
	"testing"

	"bonafide/roster"
	"bonafide/spelling"
)

// TestIndexIsJoinedFromParts builds an index of several parts twice: the bytes
// are the same, and each name is the row of its words.
func TestIndexIsJoinedFromParts(t *testing.T) {
	t.Parallel()
	var entities []roster.Entity
	for i := range 2*partEntities + 100 {
		e := roster.Entity{ID: fmt.Sprint("E", i), Type: roster.TypePerson, Names: []roster.Name{{Text: fmt.Sprintf("Name%d, Given%d bin", i%700, i%1300), Quality: roster.QualityPrimary}}}
		if i%3 == 0 {
			e.Names = append(e.Names, roster.Name{Text: "..."}, roster.Name{Text: fmt.Sprintf("Имя %d", i), Quality: roster.QualityWeak})
		}
		if i%5 == 0 {
			e.Identifiers = []roster.Identifier{{Kind: "passport", Value: fmt.Sprintf("P-%06d", i)}}
		}
		entities = append(entities, e)
	}
	x := buildIndex("parts", "v", false, entities)
	if again := buildIndex("parts", "v", false, entities); !bytes.Equal(x.image.data, again.image.data) {
		t.Error("two indexes of one list differ")
	}
	n := 0
	for e := range entities {
		if got := x.entity(uint32(e)); got.ID != entities[e].ID || len(got.Names) != len(entities[e].Names) {
			t.Fatalf("entry %d is %+v", e, got)
		}
		for k, name := range entities[e].Names {
			tokens := spelling.Words(name.Text, 0)
			if len(tokens) == 0 {
				continue
			}
			if int(x.nameEntity[n]) != e || int(x.nameNumber[n]) != k || x.weak(n) != (name.Quality == roster.QualityWeak) || x.nameHeads[n].family != familyWords(&entities[e], name.Text) || len(x.row(n)) != len(tokens) {
				t.Fatalf("name %d is not %q of entry %d", n, name.Text, e)
			}
			for i, w := range x.row(n) {
				if x.spelled(w) != tokens[i].Text || x.kind(w) != tokens[i].Kind {
					t.Fatalf("word %d of %q is %q", i, name.Text, x.spelled(w))
				}
			}
			n++
		}
		for _, id := range entities[e].Identifiers {
			if found := x.withNumber(numberKey(id.Value)); len(found) != 1 || int(found[0]) != e {
				t.Fatalf("%s leads to %v", id.Value, found)
			}
		}
	}
	if n != len(x.nameEntity) {
		t.Errorf("%d names of %d", len(x.nameEntity), n)
	}
}
