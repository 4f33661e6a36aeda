package roster

import (
	"cmp"
	"slices"

	"bonafide/kyc"
)

// ftmOffices gathers what FollowTheMoney says about public office beside the
// persons: a Position is held by way of an Occupancy, and a Family or an
// Associate binds a second person to its holder. They stand anywhere in a file.
type ftmOffices struct {
	positions map[string]kyc.Position // by id of the Position
	held      []occupancy
	ties      [][2]string // ids of two persons
}

type occupancy struct {
	holder, post string
	since, until string
}

func newFTMOffices() *ftmOffices { return &ftmOffices{positions: map[string]kyc.Position{}} }

// take keeps an entity that speaks of an office.
func (o *ftmOffices) take(x *ftmEntity) {
	p := x.Properties
	if p == nil {
		return
	}
	pairs := func(left, right string, f func(a, b string)) {
		for _, a := range p[left] {
			for _, b := range p[right] {
				f(a, b)
			}
		}
	}
	switch x.Schema {
	case "Position":
		title := x.Caption
		if len(p["name"]) > 0 {
			title = p["name"][0]
		}
		at := kyc.Position{Title: Clean(title), Level: levelOf(p["topics"])}
		for _, key := range []string{"country", "subnationalArea"} {
			if len(p[key]) > 0 && at.Country == "" {
				at.Country = CountryCode(ftmCountry(p[key][0]))
			}
		}
		if at.Title != "" && len(o.positions) < MaxEntities {
			o.positions[x.ID] = at
		}
	case "Occupancy":
		if len(p["post"]) == 0 { // an office without a name is one all the same
			p["post"] = ftmValues{""}
		}
		pairs("holder", "post", func(holder, post string) {
			if len(o.held) < MaxEntities {
				o.held = append(o.held, occupancy{holder, post, Clean(p["startDate"].first()), Clean(p["endDate"].first())})
			}
		})
	case "Family", "Associate":
		left, right := "person", "relative"
		if x.Schema == "Associate" {
			right = "associate"
		}
		pairs(left, right, func(a, b string) {
			if len(o.ties) < MaxEntities {
				o.ties = append(o.ties, [2]string{a, b})
			}
		})
	}
}

func (v ftmValues) first() string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

// settle writes positions to their holders. Where a source has offices and no
// topics at all, the offices say who is exposed: the holder of a position, and
// a person who is bound to a holder. A source that grades its persons itself
// keeps its own word.
func (o *ftmOffices) settle(byID map[string]*Entity) {
	holders := map[string]bool{}
	for _, h := range o.held {
		if e := byID[h.holder]; e != nil {
			at := o.positions[h.post]
			at.Since, at.Until = h.since, h.until
			e.addPosition(at) // one without a title is left out
			holders[h.holder] = true
		}
	}
	graded := false
	for _, e := range byID {
		slices.SortFunc(e.Positions, comparePositions)
		graded = graded || len(e.Topics) > 0
	}
	if graded {
		return
	}
	for id := range holders {
		byID[id].Topics = []string{TopicPEP}
	}
	for _, tie := range o.ties {
		for i, id := range tie {
			if e := byID[id]; e != nil && holders[tie[1-i]] && !holders[id] {
				e.Topics = addOnce(e.Topics, TopicRCA)
			}
		}
	}
}

// comparePositions puts positions that are held still first, then the latest.
func comparePositions(a, b kyc.Position) int {
	ended := func(p kyc.Position) int { return min(len(p.Until), 1) }
	return cmp.Or(cmp.Compare(ended(a), ended(b)), cmp.Compare(b.Until, a.Until), cmp.Compare(b.Since, a.Since), cmp.Compare(a.Title, b.Title))
}
