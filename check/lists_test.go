package check

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestOwnLists(t *testing.T) {
	t.Parallel()
	value := func(s string) kyc.ListValue { return kyc.ListValue{Value: s} }
	for name, c := range map[string]struct {
		kind    kyc.ListType
		item    kyc.ListValue
		matches bool
	}{
		"name":                    {kyc.ListName, value("MUELLER, Anna"), true},
		"name, birth":             {kyc.ListName, kyc.ListValue{Value: "Ana Müller", DateOfBirth: "1990-05-17"}, true},
		"name, other birth":       {kyc.ListName, kyc.ListValue{Value: "Anna Müller", DateOfBirth: "1990-05-18"}, false},
		"other name":              {kyc.ListName, value("Paula Schulze"), false},
		"email":                   {kyc.ListEmail, value("ANNA@example.org"), true},
		"email domain":            {kyc.ListEmail, value("example.org"), true},
		"other email":             {kyc.ListEmail, value("anna@example.com"), false},
		"phone, other prefix":     {kyc.ListPhone, value("0049 (30) 123 45 67"), true},
		"other phone":             {kyc.ListPhone, value("030 1234568"), false},
		"address":                 {kyc.ListIP, value("192.0.2.7"), true},
		"network":                 {kyc.ListIP, value("192.0.2.0/24"), true},
		"other network":           {kyc.ListIP, value("192.0.3.0/24"), false},
		"government id":           {kyc.ListGovID, value("c01x-00t99"), true},
		"country":                 {kyc.ListCountry, value("de"), true},
		"other country":           {kyc.ListCountry, value("FR"), false},
		"place near":              {kyc.ListGeo, kyc.ListValue{Value: "Berlin", Latitude: 52.52, Longitude: 13.405, RadiusKM: 30}, true},
		"place far":               {kyc.ListGeo, kyc.ListValue{Value: "Paris", Latitude: 48.8566, Longitude: 2.3522, RadiusKM: 800}, false},
		"browser":                 {kyc.ListBrowser, value("AB-12"), true},
		"device":                  {kyc.ListDevice, value("dev 99"), true},
		"other device":            {kyc.ListDevice, value("dev 98"), false},
		"string":                  {kyc.ListString, value("  Gold   Plan "), true},
		"other string":            {kyc.ListString, value("silver"), false},
		"address, ipv4 in mapped": {kyc.ListIP, value("::ffff:192.0.2.7"), true},
	} {
		for mode, verdict := range map[kyc.ListMode]kyc.Verdict{kyc.ModeBlock: kyc.Fail, kyc.ModeFlag: kyc.Pass, kyc.ModeAllow: kyc.Pass} {
			h := &house{}
			id := h.list(c.kind, mode, c.item)
			r := request("check_against_list")
			r.Metadata = map[string]any{"ip": "192.0.2.7", "latitude": 52.4, "longitude": 13.1, "browser_fingerprint": "ab12", "device_id": "DEV-99", "plan": "gold plan"}
			r.Config = json.RawMessage(`{"list_ids":["` + kyc.Dress("list", id) + `"]}`)
			a := runCheck(checkAgainstList(h.deps()), r)
			if !c.matches {
				verdict = kyc.Pass
			}
			if a.Status != kyc.StatusOK || a.Verdict != verdict || (len(a.Details["matches"].([]any)) == 1) != c.matches {
				t.Errorf("%s, %s: %+v", name, mode, a)
			}
			said := map[kyc.ListMode]string{kyc.ModeBlock: "list_blocked", kyc.ModeFlag: "list_flagged", kyc.ModeAllow: "list_allowed"}[mode]
			if codes(a)[said] != c.matches {
				t.Errorf("%s, %s says %v", name, mode, codes(a))
			}
			h.items[id][0].FalsePositive = true
			if a := runCheck(checkAgainstList(h.deps()), r); a.Verdict != kyc.Pass {
				t.Errorf("%s, %s, dismissed: %+v", name, mode, a)
			}
		}
	}
}

func TestOwnListsWithoutTheirData(t *testing.T) {
	t.Parallel()
	h := &house{}
	r := request("check_against_list")
	if a := runCheck(checkAgainstList(h.deps()), r); a.Status != kyc.StatusNotConfigured {
		t.Errorf("no list at all: %+v", a)
	}
	h.list(kyc.ListIP, kyc.ModeBlock, kyc.ListValue{Value: "192.0.2.7"})
	h.list(kyc.ListEmail, kyc.ModeAllow, kyc.ListValue{Value: "anna@example.org"})
	if a := runCheck(checkAgainstList(h.deps()), r); a.Verdict != kyc.VerdictReview || !codes(a)["list_not_compared"] {
		t.Errorf("a block list that could not be asked: %+v", a)
	}
	r.Config = json.RawMessage(`{"on_missing":"ignore"}`)
	if a := runCheck(checkAgainstList(h.deps()), r); a.Verdict != kyc.Pass || len(a.Details["not_compared"].([]any)) != 1 {
		t.Errorf("ignored on purpose: %+v", a)
	}
	h.list(kyc.ListEmail, kyc.ModeBlock, kyc.ListValue{Value: "@example.org"})
	if a := runCheck(checkAgainstList(h.deps()), r); a.Verdict != kyc.Fail || !codes(a)["list_allowed"] {
		t.Errorf("block outweighs allow: %+v", a)
	}
	r.Config = json.RawMessage(`{"list_ids":["list_00000000-0000-7000-8000-000000000000"]}`)
	if a := runCheck(checkAgainstList(h.deps()), r); a.Status != kyc.StatusError || !codes(a)["list_missing"] {
		t.Errorf("a list that is gone: %+v", a)
	}
	h = &house{}
	h.list(kyc.ListName, kyc.ModeBlock, kyc.ListValue{Value: "Anna Müller", DateOfBirth: "1990-05-17"})
	r.Config, r.Fields["date_of_birth"], r.Extracted["date_of_birth"] = nil, "", ""
	if a := runCheck(checkAgainstList(h.deps()), r); a.Verdict != kyc.VerdictReview || !codes(a)["list_match_unsure"] {
		t.Errorf("a listed name without birth date: %+v", a)
	}
	h = goodHouse()
	h.storeErr = errStore
	if a := runCheck(checkAgainstList(h.deps()), request("check_against_list")); a.Status != kyc.StatusUnavailable || !a.Transient {
		t.Errorf("the store is away: %+v", a)
	}
}

func TestHaversine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b place
		km   float64
	}{
		{place{0, 0}, place{0, 180}, math.Pi * 6371.0088}, {place{52.52, 13.405}, place{48.8566, 2.3522}, 877.5}, {place{1, 1}, place{1, 1}, 0},
	} {
		if got := haversine(c.a, c.b); math.Abs(got-c.km) > 1 {
			t.Errorf("%v to %v: %.1f km, want %.1f", c.a, c.b, got, c.km)
		}
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	r := request("duplicate_detection")
	first := runCheck(duplicateDetection(goodHouse().deps()), r)
	if first.Verdict != kyc.Pass || len(first.Traits) != 4 {
		t.Fatalf("%+v", first)
	}
	h := goodHouse()
	h.traits = first.Traits
	again := request("duplicate_detection") // somebody else with the same data
	if a := runCheck(duplicateDetection(h.deps()), again); a.Verdict != kyc.Fail || a.Details["match_count"] != 1 || len(a.Details["matched"].([]any)) != 4 || len(a.Traits) != 4 {
		t.Errorf("%+v", a)
	}
	again.SubjectID = r.SubjectID
	if a := runCheck(duplicateDetection(h.deps()), again); a.Verdict != kyc.Pass {
		t.Errorf("the same person, coming back: %+v", a)
	}
	again.SubjectID = kyc.NewID(now)
	again.Config = json.RawMessage(`{"traits":["email"],"on_match":"review"}`)
	if a := runCheck(duplicateDetection(h.deps()), again); a.Verdict != kyc.VerdictReview || !slices.Equal(a.Details["matched"].([]any), []any{"email"}) || len(a.Traits) != 4 {
		t.Errorf("%+v", a)
	}
	again.Fields, again.Extracted = nil, nil
	if a := runCheck(duplicateDetection(h.deps()), again); a.Verdict != kyc.VerdictReview || !codes(a)["nothing_compared"] {
		t.Errorf("nothing to compare: %+v", a)
	}
	// The form's ü and the zone's UE are the same person.
	x, y := request(""), request("")
	x.Fields, y.Extracted = nil, nil
	if p, q := traitValues(x)["name_dob"], traitValues(y)["name_dob"]; p != q || p == "" {
		t.Errorf("%q and %q", p, q)
	}
}
