package monitor

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"bonafide/kyc"
)

// What the documents of a session say of a party is asked for with its name.
func TestPartiesOfSessionsAreAskedForWithTheirBirthDate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	person := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.live}, Kind: "individual", Status: kyc.SubjectApproved}
	session := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.live}, Surface: kyc.SurfaceSteps, SubjectID: person.ID, Status: kyc.SessionApproved}
	b.put(person, session)
	known := []Party{{Name: "Ada Owner", Role: "ubo", Identifier: "C01X", BirthDate: "1981-04-02", Nationality: "DE"}, {Name: "Otto Client"}}
	b.Machine.d.Parties = func(context.Context, kyc.Tenant, kyc.ID) ([]Party, error) { return known, nil }
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "ADA  OWNER", SessionID: session.ID}, {FullName: "Ada Owner"}}})
	if _, err := b.AddParties(b.ctx, b.live, b.by, w.ID, "", []NewParty{{FullName: "Otto Client", SessionID: session.ID}}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Enrol(b.ctx, b.live, session.ID, known); err != nil {
		t.Fatal(err)
	}
	b.asking()
	b.work(JobNewcomers)
	births, companies := map[string]int{}, 0
	for _, r := range b.asked {
		var c struct {
			Parties []struct {
				Company bool `json:"company"`
			} `json:"parties"`
		}
		if err := json.Unmarshal(r.Config, &c); err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Parties {
			if p.Company {
				companies++
			}
		}
		if c.Parties != nil {
			name, _ := r.Fields["name"].(string)
			born, _ := r.Fields["birth_date"].(string)
			from, _ := r.Fields["nationality"].(string)
			births[name+" "+born+" "+from]++
		}
	}
	want := map[string]int{"ADA  OWNER 1981-04-02 DE": 1, "Ada Owner  ": 1, "Otto Client  ": 2, "Ada Owner 1981-04-02 DE": 1}
	for key, n := range want {
		if births[key] != n {
			t.Errorf("asked %v", births)
			break
		}
	}
	if companies != 3 {
		t.Errorf("%d were asked for as companies; those with a birth date are none", companies)
	}
	parties, err := b.db.WatchedAfter(b.ctx, b.live, w.ID, "", 10)
	at := slices.IndexFunc(parties, func(p kyc.Watched) bool { return p.Private.FullName == "ADA  OWNER" })
	if err != nil || at < 0 || parties[at].Private.BirthDate != "1981-04-02" {
		t.Fatalf("%+v %v", parties, err)
	}
	for i, name := range []string{"ada owner", "Eva Owner"} {
		got, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, parties[at].ID, 0, PartyChange{FullName: &name})
		if err != nil || (got.Private.BirthDate == "") != (i == 1) {
			t.Errorf("%s is born %q, %v", name, got.Private.BirthDate, err)
		}
	}
}
