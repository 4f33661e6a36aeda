package graph

import "bonafide/api"

// maxQuickBody keeps every string of a body within what a JSON body may have.
const maxQuickBody = 64 << 10

// read takes a plain question quickly (api.HandleQuick). Its bounds are those
// of the tags of party; its test sends the same bodies the usual way.
func (p *party) read(body []byte) bool {
	return len(body) <= maxQuickBody && api.ReadFlat(body, func(name string, v *api.Flat) (ok bool) {
		switch name {
		case "name":
			p.Name, ok = v.String(20_000)
		case "first_name":
			p.FirstName, ok = v.String(250)
		case "last_name":
			p.LastName, ok = v.String(250)
		case "aliases":
			p.Aliases, ok = v.Strings(50)
		case "type":
			p.Type, ok = v.OneOf("person", "entity", "vessel", "aircraft", "unknown")
		case "dob":
			p.DateOfBirth, ok = v.String(10)
		case "country":
			p.Country, ok = v.String(100)
		case "gender":
			p.Gender, ok = v.String(20)
		case "identifiers":
			p.Identifiers, ok = v.Strings(50)
		case "lists":
			p.Lists, ok = v.Strings(50)
		case "purpose":
			p.Purpose, ok = v.OneOf("any", "sanctions", "pep", "crime")
		case "topics":
			p.Topics, ok = v.Strings(50)
		case "datasets":
			p.Datasets, ok = v.Strings(50)
		case "mode":
			p.Mode, ok = v.OneOf("bonafide", "ofac")
		case "explain":
			p.Explain, ok = v.OneOf("brief", explainFull)
		case "limit":
			p.Limit, ok = v.Int(1, 1000)
		case "threshold":
			var t float64
			t, ok = v.Float(0, 1)
			p.Threshold = &t
		}
		return ok
	})
}
