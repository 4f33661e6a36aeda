package check

import (
	"context"
	"math"
	"net/netip"
	"slices"
	"strings"

	"bonafide/kyc"
)

// listValues is what of a session can be looked up in a list.
type listValues struct {
	exact map[kyc.ListType][]string // as typed; Normal is applied when hashed
	names []string
	born  string
	place *place
}

type place struct{ lat, lon float64 }

// valuesOf gathers the values from the form, the metadata and the document.
func valuesOf(r kyc.CheckRequest) listValues {
	form, paper, record := onForm(r), onPaper(r), onRecord(r)
	fields, metadata := factsOf(r.Fields), factsOf(r.Metadata)
	v := listValues{
		names: distinct(paper.name(), form.name(), record.name()),
		born:  first(paper.born, form.born, record.born),
		exact: map[kyc.ListType][]string{
			kyc.ListPhone:   distinct(form.phone, record.phone),
			kyc.ListIP:      distinct(metadata.text("ip"), fields.text("ip")),
			kyc.ListGovID:   distinct(paper.number, paper.personal, form.number, form.personal, record.number, record.personal),
			kyc.ListCountry: distinct(strings.ToUpper(r.Country), paper.nationality, paper.issuer, form.nationality, form.country, record.country),
			kyc.ListBrowser: distinct(metadata.text("browser"), fields.text("browser")),
			kyc.ListDevice:  distinct(metadata.text("device"), fields.text("device")),
			kyc.ListString:  texts(r.Fields, r.Metadata),
		},
	}
	for _, m := range distinct(form.email, record.email) {
		v.exact[kyc.ListEmail] = append(v.exact[kyc.ListEmail], m)
		if at := strings.LastIndexByte(m, '@'); at >= 0 {
			v.exact[kyc.ListEmail] = append(v.exact[kyc.ListEmail], m[at:]) // "@example.com", the domain's item
		}
	}
	for _, f := range []facts{metadata, fields} {
		lat, ok1 := asNumber(f.text("latitude"))
		lon, ok2 := asNumber(f.text("longitude"))
		if v.place == nil && ok1 && ok2 && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 {
			v.place = &place{lat, lon}
		}
	}
	return v
}

// texts gives every text at the first level, in a fixed order.
func texts(maps ...map[string]any) []string {
	var out []string
	for _, m := range maps {
		for _, v := range m {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// found is what one list says. sure: a match; perhaps: a name whose birth
// date cannot be compared.
type found struct {
	sure, perhaps bool
	item          kyc.ID
	likeness      float64
}

// ask looks the values up in one list that holds no faces; asked is false when the session has no
// value of its type.
func (v listValues) ask(ctx context.Context, d Deps, t kyc.Tenant, l kyc.List, threshold float64) (f found, asked bool, err error) {
	switch l.Type {
	case kyc.ListName:
		if len(v.names) == 0 {
			return f, false, nil
		}
		items, err := d.Lists.AllListItems(ctx, t, l.ID)
		return v.byName(items, threshold), true, err
	case kyc.ListGeo:
		if v.place == nil {
			return f, false, nil
		}
		items, err := d.Lists.AllListItems(ctx, t, l.ID)
		return v.byPlace(items), true, err
	}
	var hashes []string
	for _, s := range v.exact[l.Type] {
		for _, normal := range normals(l.Type, s) {
			h, err := d.Blinder.Blind(ctx, t, l.Type.BlindKind(), normal)
			if err != nil {
				return f, true, err
			}
			hashes = append(hashes, h)
		}
	}
	if len(hashes) == 0 {
		return f, false, nil
	}
	items, err := d.Lists.ListItemsByHash(ctx, t, []kyc.ID{l.ID}, hashes)
	if err != nil {
		return f, true, err
	}
	for _, i := range items {
		if !i.FalsePositive && i.ListID == l.ID {
			return found{sure: true, item: i.ID, likeness: 1}, true, nil
		}
	}
	return f, true, nil
}

// normals gives the forms under which a value may stand in a list: its normal
// form, and for an address every network it lies in.
func normals(t kyc.ListType, s string) []string {
	n, ok := t.Normal(s)
	if !ok {
		return nil
	}
	out := []string{n}
	if t != kyc.ListIP {
		return out
	}
	a, err := netip.ParseAddr(n)
	if err != nil {
		return out
	}
	for bits := range a.BitLen() + 1 {
		if p, err := a.Prefix(bits); err == nil {
			out = append(out, p.String())
		}
	}
	return out
}

func (v listValues) byName(items []kyc.ListItem, threshold float64) found {
	var best found
	for _, i := range items {
		if i.FalsePositive {
			continue
		}
		likeness := 0.0
		for _, n := range v.names {
			likeness = max(likeness, nameLikeness(n, i.Value.Value))
		}
		if likeness < threshold {
			continue
		}
		f := found{item: i.ID, likeness: likeness}
		switch listed, ok := parseDate(i.Value.DateOfBirth); {
		case i.Value.DateOfBirth == "":
			f.sure = true
		case v.born == "" || !ok:
			f.perhaps = true
		default:
			if own, readable := parseDate(v.born); !readable {
				f.perhaps = true
			} else if !own.Equal(listed) {
				continue // another person of that name
			} else {
				f.sure = true
			}
		}
		if !best.sure && f.sure || best.sure == f.sure && f.likeness > best.likeness {
			best = f
		}
	}
	return best
}

func (v listValues) byPlace(items []kyc.ListItem) found {
	for _, i := range items {
		if i.FalsePositive {
			continue
		}
		if km := haversine(*v.place, place{i.Value.Latitude, i.Value.Longitude}); km <= i.Value.RadiusKM {
			return found{sure: true, item: i.ID, likeness: 1}
		}
	}
	return found{}
}

// haversine is the great-circle distance in kilometres on a sphere of the
// Earth's mean radius, 6371.0088 km (IUGG); within 0.6 % of the ellipsoid.
func haversine(a, b place) float64 {
	const radius = 6371.0088
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	lat := math.Sin(rad(b.lat-a.lat) / 2)
	lon := math.Sin(rad(b.lon-a.lon) / 2)
	h := lat*lat + math.Cos(rad(a.lat))*math.Cos(rad(b.lat))*lon*lon
	return 2 * radius * math.Asin(math.Sqrt(min(1, h)))
}
