package roster

import (
	"cmp"
	"slices"
	"strings"

	"bonafide/kyc"
)

// ftmOffices gathers what FollowTheMoney says about public office beside the
// persons: a Position is held by way of an Occupancy, and a Family or an
// Associate binds a second person to its holder. They stand anywhere in a file.
type ftmOffices struct {
	positions map[string]kyc.Position // by id of the Position
	held      []occupancy
	ties      []bond
}

type occupancy struct {
	holder, post         string
	since, until, status string
}

// bond is a tie between two persons.
type bond struct{ a, b, kind, role string }

// The kinds of ties.
const (
	tieFamily    = "family"
	tieAssociate = "associate"
	maxTies      = 50
)

func newFTMOffices() *ftmOffices { return &ftmOffices{positions: map[string]kyc.Position{}} }

// aboutOffice reports whether take keeps anything of a schema.
func aboutOffice(schema string) bool {
	switch schema {
	case "Position", "Occupancy", "Family", "Associate":
		return true
	}
	return false
}

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
		at := kyc.Position{Title: Clean(title), Level: levelOf(p["topics"]), Office: officeOfTopics(p["topics"])}
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
		status := strings.ToLower(Clean(p["status"].first()))
		if status != statusCurrent && status != statusEnded {
			status = ""
		}
		pairs("holder", "post", func(holder, post string) {
			if len(o.held) < MaxEntities {
				o.held = append(o.held, occupancy{holder, post, Clean(p["startDate"].first()), Clean(p["endDate"].first()), status})
			}
		})
	case "Family", "Associate":
		kind, right := tieFamily, "relative"
		if x.Schema == "Associate" {
			kind, right = tieAssociate, "associate"
		}
		pairs("person", right, func(a, b string) {
			if len(o.ties) < MaxEntities {
				o.ties = append(o.ties, bond{a, b, kind, Clean(p["relationship"].first())})
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
// keeps its own word. Whoever is exposed only by being close to somebody is
// tied to them.
func (o *ftmOffices) settle(byID map[string]*Entity) {
	holders := map[string]bool{}
	for _, h := range o.held {
		if e := byID[h.holder]; e != nil {
			at := o.positions[h.post]
			at.Since, at.Until, at.Status = h.since, h.until, h.status
			e.addPosition(at) // one without a title is left out
			holders[h.holder] = true
		}
	}
	graded := false
	for id, e := range byID {
		if len(e.Positions) > 1 {
			slices.SortFunc(e.Positions, comparePositions)
		}
		graded = graded || len(e.Topics) > 0
		// An office that stands with the person alone counts like one of its own.
		if len(o.held) > 0 && len(e.Positions) > 0 && e.Type == TypePerson {
			holders[id] = true
		}
	}
	if !graded {
		for id, holds := range holders {
			if holds {
				byID[id].Topics = []string{TopicPEP}
			}
		}
	}
	for _, t := range o.ties {
		for i, id := range [2]string{t.a, t.b} {
			other := [2]string{t.b, t.a}[i]
			if e := byID[id]; e != nil && holders[other] && !holders[id] && !graded {
				e.Topics = addOnce(e.Topics, TopicRCA)
			}
		}
	}
	for _, t := range o.ties {
		for i, id := range [2]string{t.a, t.b} {
			e, other := byID[id], byID[[2]string{t.b, t.a}[i]]
			if e == nil || other == nil || e == other || HasTopic(e.Topics, TopicPEP) || !HasTopic(other.Topics, TopicPEP) || len(e.Ties) >= maxTies {
				continue
			}
			if tie := (Tie{Kind: t.kind, ID: other.ID, Role: t.role}); !slices.Contains(e.Ties, tie) {
				e.Ties = append(e.Ties, tie)
			}
		}
	}
}

// comparePositions puts positions that are held still first, then the latest.
func comparePositions(a, b kyc.Position) int {
	ended := func(p kyc.Position) int {
		if p.Until != "" || p.Status == statusEnded {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(ended(a), ended(b)), cmp.Compare(b.Until, a.Until), cmp.Compare(b.Since, a.Since), cmp.Compare(a.Title, b.Title))
}
