package storetest

import (
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

// inquiry is a new inquiry, not stored yet.
func (b *bench) inquiry(s *kyc.Subject) *kyc.Inquiry {
	return &kyc.Inquiry{Meta: b.meta(), SubjectID: s.ID, ExternalRef: s.ExternalRef, Kind: "person", Types: []kyc.InquiryType{kyc.InquirySanction}, Result: kyc.InquiryHits, Open: 1,
		AskedAt: b.clock.Now(), Asked: 1, Lists: map[string]string{"un": "v1"},
		Private: kyc.InquiryData{Name: "Ada Lovelace", BirthDate: "1815-12-10", Parts: []kyc.InquiryPart{{Type: kyc.InquirySanction, Answer: kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail}}},
			Known: []kyc.InquiryHit{{Type: kyc.InquirySanction, List: "un", EntryID: "7", Digest: "aa", Since: b.clock.Now(), Status: "open"}}}}
}

func inquiries(t *testing.T, b *bench) {
	now := b.clock.Now()
	ada, other := b.subject(t), b.subject(t)
	var all []*kyc.Inquiry
	for i := range 5 {
		b.clock.Advance(time.Second)
		s := ada
		if i == 4 {
			s = other
		}
		q := b.inquiry(s)
		q.Asked = i
		switch i {
		case 1:
			q.Monitor, q.NextAt, q.Result = kyc.WatchDaily, now.Add(-time.Minute), kyc.InquiryClear
		case 2:
			q.Monitor = kyc.WatchOnUpdate
		case 3:
			q.Monitor, q.NextAt = kyc.WatchWeekly, now.Add(-time.Hour)
		}
		b.put(t, q)
		all = append(all, q)
	}
	got := must[kyc.Inquiry](t)(b.Inquiry(b.ctx, b.tenant, all[2].ID))
	same(t, "inquiry", got, all[2])
	same(t, "its personal part", got.Private, all[2].Private)
	for name, c := range map[string]struct {
		filter kyc.InquiryFilter
		want   string
	}{
		"all":              {kyc.InquiryFilter{}, "[4 3 2 1 0]"},
		"of a person":      {kyc.InquiryFilter{SubjectID: ada.ID}, "[3 2 1 0]"},
		"by reference":     {kyc.InquiryFilter{ExternalRef: ada.ExternalRef}, "[3 2 1 0]"},
		"clear":            {kyc.InquiryFilter{Result: kyc.InquiryClear}, "[1]"},
		"monitored":        {kyc.InquiryFilter{Monitored: true}, "[3 2 1]"},
		"clear of another": {kyc.InquiryFilter{Result: kyc.InquiryClear, SubjectID: other.ID}, "[]"},
	} {
		if c.filter.ExternalRef == "" && name == "by reference" {
			continue // the bench's subjects have none
		}
		names := []int{}
		var after kyc.ID
		for {
			part, total, err := b.Inquiries(b.ctx, b.tenant, c.filter, kyc.Page{Limit: 2, After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range part {
				names, after = append(names, q.Asked), q.ID
			}
			if len(part) < 2 {
				if total != len(names) {
					t.Errorf("%s: total %d of %d", name, total, len(names))
				}
				break
			}
		}
		if fmt.Sprint(names) != c.want {
			t.Errorf("%s: %v, want %s", name, names, c.want)
		}
	}
	order := func(list []kyc.Inquiry, err error) string {
		names := []int{}
		for _, q := range must[[]kyc.Inquiry](t)(list, err) {
			if q.Tenant == b.tenant {
				names = append(names, q.Asked)
			}
		}
		return fmt.Sprint(names)
	}
	if got := order(b.InquiriesDue(b.ctx, now, 100)); got != "[3 1]" {
		t.Errorf("due: %s", got)
	}
	if got := order(b.InquiriesDue(b.ctx, now.Add(-30*time.Minute), 100)); got != "[3]" {
		t.Errorf("due half an hour ago: %s", got)
	}
	if got := order(b.InquiriesOnUpdate(b.ctx, "", 1000)); got != "[2]" {
		t.Errorf("waiting for an update: %s", got)
	}
	if got := order(b.InquiriesOnUpdate(b.ctx, all[2].ID, 1000)); got != "[]" {
		t.Errorf("waiting after the last: %s", got)
	}

	b.commit(t, kyc.Change{Erase: []kyc.ID{ada.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	gone := must[kyc.Inquiry](t)(b.Inquiry(b.ctx, b.tenant, all[0].ID))
	same(t, "after the erasure", gone.Private, kyc.InquiryData{Unreadable: true})
	if gone.Result != kyc.InquiryHits || gone.Open != 1 {
		t.Errorf("the tombstone is %+v", gone)
	}
	if kept := must[kyc.Inquiry](t)(b.Inquiry(b.ctx, b.tenant, all[4].ID)); kept.Private.Name != "Ada Lovelace" {
		t.Errorf("somebody else's inquiry is %+v", kept.Private)
	}
}
