package session

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Match is an entry of a list that a value hits.
type Match struct {
	List  kyc.List
	Item  kyc.ListItem
	Score float64 // 0-1; 1 for values that are compared exactly
}

// Thresholds of the inexact list types: similarity of names (Jaro-Winkler over
// the sorted words) and cosine of faces.
const (
	NameThreshold = 0.88
	FaceThreshold = 0.50
)

// Match asks a list for a value without saving anything. Entries marked as
// false positives are left out. Errors: 422 for a value that is none of the
// list's type.
func (m *Lists) Match(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, v kyc.ListValue) ([]Match, error) {
	l, err := m.store.List(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if l.Type == kyc.ListGeo && v.RadiusKM == 0 {
		v.RadiusKM = 0.001 // a point
	}
	if p := checkValue(l.Type, &v, ""); len(p) > 0 {
		return nil, kyc.InvalidInput("invalid_value", "this value cannot be on such a list", p)
	}
	items, err := m.candidates(ctx, &l, v)
	if err != nil {
		return nil, err
	}
	var out []Match
	for _, it := range items {
		if it.FalsePositive {
			continue
		}
		if score := compare(l.Type, v, it.Value); score > 0 {
			out = append(out, Match{List: l, Item: it, Score: score})
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return strings.Compare(string(a.Item.ID), string(b.Item.ID))
	})
	return out, m.seen(ctx, t, by, id, "list.check")
}

// candidates finds what may match: by hash where equality decides, otherwise
// the whole list.
func (m *Lists) candidates(ctx context.Context, l *kyc.List, v kyc.ListValue) ([]kyc.ListItem, error) {
	switch l.Type {
	case kyc.ListName, kyc.ListGeo, kyc.ListFace, kyc.ListIP:
		return m.store.AllListItems(ctx, l.Tenant, l.ID)
	}
	hash, err := m.hash(ctx, l, v)
	if err != nil {
		return nil, err
	}
	hashes := []string{hash}
	if normal, ok := l.Type.Normal(v.Value); ok && l.Type == kyc.ListEmail {
		_, domain, _ := strings.Cut(normal, "@")
		byDomain, err := m.store.Blind(ctx, l.Tenant, l.Type.BlindKind(), "@"+domain)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, byDomain)
	}
	return m.store.ListItemsByHash(ctx, l.Tenant, []kyc.ID{l.ID}, hashes)
}

// compare scores a value against an entry; 0 is no match.
func compare(typ kyc.ListType, v, entry kyc.ListValue) float64 {
	switch typ {
	case kyc.ListName:
		if v.DateOfBirth != "" && entry.DateOfBirth != "" && v.DateOfBirth != entry.DateOfBirth {
			return 0
		}
		a, _ := typ.Normal(v.Value)
		b, _ := typ.Normal(entry.Value)
		return atLeast(jaroWinkler([]rune(a), []rune(b)), NameThreshold)
	case kyc.ListGeo:
		if distanceKM(v.Latitude, v.Longitude, entry.Latitude, entry.Longitude) <= entry.RadiusKM {
			return 1
		}
		return 0
	case kyc.ListFace:
		return atLeast(cosine(v.Vector, entry.Vector), FaceThreshold)
	case kyc.ListIP:
		return contains(entry.Value, v.Value)
	}
	return 1 // found by its hash
}

func atLeast(score, threshold float64) float64 {
	if score < threshold {
		return 0
	}
	return min(score, 1)
}
