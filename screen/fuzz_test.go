package screen

import (
	"bytes"
	"testing"

	"bonafide/roster"
)

// FuzzIndex builds an index out of whatever an own list may hold and asks it
// for its own names.
func FuzzIndex(f *testing.F) {
	f.Add("id,name,aliases\n1,\"ORMOLU, Zelda\",Zelda O.; зельда\n2,S.A.,\"\"\n")
	f.Add("id,name\n1,\u200b\u0000\n2,ا\n3," + string(bytes.Repeat([]byte("a "), 300)) + "\n")
	src, err := roster.SourceOf("csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := roster.Open("fuzz", bytes.NewReader([]byte(text)))
		if err != nil {
			return
		}
		p, err := src.Read(t.Context(), []roster.Input{in})
		if err != nil {
			return
		}
		x := buildIndex("fuzz", "v", false, p.Entities)
		d := buildDictionary(map[string]*index{"fuzz": x})
		for i := range min(3, len(p.Entities)) {
			for _, n := range p.Entities[i].Names {
				q, err := prepare(Query{Name: n.Text})
				if err != nil {
					continue
				}
				for _, h := range d.match(q, []*member{d.members["fuzz"]}) {
					if h.Score < 0 || h.Score > 1 {
						t.Fatalf("%q scores %v", n.Text, h.Score)
					}
				}
			}
		}
	})
}
