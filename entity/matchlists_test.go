package entity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

func (b *bench) list(name string) kyc.Matchlist {
	b.Helper()
	return must[kyc.Matchlist](b)(b.m.CreateMatchlist(b.ctx, b.t, b.by, NewMatchlist{Name: name, Action: "BLOCK"}))
}

func TestMatchlistsComeAndGo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := must[kyc.Matchlist](b)(b.m.CreateMatchlist(b.ctx, b.t, b.by, NewMatchlist{Name: " Fraud ", Description: "Known fraud"}))
	if l.Name != "Fraud" || l.Action != "NONE" || l.Rev != 1 {
		t.Errorf("the list is %+v", l)
	}
	_, err := b.m.CreateMatchlist(b.ctx, b.t, b.by, NewMatchlist{Name: "FRAUD"})
	b.refused(err, kyc.Conflict, "matchlist_exists")
	_, err = b.m.CreateMatchlist(b.ctx, b.t, b.by, NewMatchlist{Name: "", Description: strings.Repeat("x", 1001), Action: "block"})
	b.wants("problems", codes(err), "/name name_invalid", "/description too_long", "/action enum_invalid")
	word := func(s string) *string { return &s }
	for _, action := range MatchlistActions() {
		l = must[kyc.Matchlist](b)(b.m.PatchMatchlist(b.ctx, b.t, b.by, l.ID, 0, MatchlistChange{Action: word(action)}))
		if l.Action != action {
			t.Errorf("the action is %s", l.Action)
		}
	}
	b.list("Other")
	_, err = b.m.PatchMatchlist(b.ctx, b.t, b.by, l.ID, 0, MatchlistChange{Name: word("other")})
	b.refused(err, kyc.Conflict, "matchlist_exists")
	l = must[kyc.Matchlist](b)(b.m.PatchMatchlist(b.ctx, b.t, b.by, l.ID, l.Rev, MatchlistChange{Name: word("fraud")}))
	_, err = b.m.PatchMatchlist(b.ctx, b.t, b.by, l.ID, l.Rev-1, MatchlistChange{})
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
	entries := must[[]kyc.MatchlistEntry](b)(b.m.AddEntries(b.ctx, b.t, b.by, l.ID, []NewEntry{{Attributes: map[string]string{"EMAIL_DOMAIN": "bad.example"}}}))
	b.refused(b.m.DeleteMatchlist(b.ctx, b.t, b.by, l.ID, l.Rev), kyc.PreconditionFailed, "etag_mismatch")
	if err := b.m.DeleteMatchlist(b.ctx, b.t, b.by, l.ID, 0); err != nil {
		t.Fatal(err)
	}
	_, err = b.m.Matchlist(b.ctx, b.t, l.ID)
	b.refused(err, kyc.NotFound, "not_found")
	_, err = b.m.Entry(b.ctx, b.t, b.by, l.ID, entries[0].ID)
	b.refused(err, kyc.NotFound, "not_found")
	if _, err := b.store.MatchlistEntry(b.ctx, b.t, entries[0].ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("the entry outlives its list: %v", err)
	}
	all, total, err := b.m.Matchlists(b.ctx, b.t, kyc.Page{Limit: 10})
	if err != nil || total != 1 || all[0].Name != "Other" {
		t.Errorf("left are %+v, %v", all, err)
	}
	b.list("Fraud") // the name is free again
}

func TestThereIsALimitOfMatchlists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range maxLists {
		l := kyc.Matchlist{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t, Rev: 1}, Name: fmt.Sprint("list ", i)}
		b.put(&l)
	}
	_, err := b.m.CreateMatchlist(b.ctx, b.t, b.by, NewMatchlist{Name: "one more"})
	b.refused(err, kyc.Conflict, "too_many_matchlists")
}

func TestEveryAttributeKindIsTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.list("All")
	values := map[string]string{"ENTITY_TYPE": "individual", "EMAIL_ADDRESS": "A@b.org", "EMAIL_DOMAIN": "b.org", "PHONE_NUMBER": "+31612345678",
		"DOCUMENT_CLASS": "IDENTITY", "DOCUMENT_TYPE": "passport", "IND_DATE_OF_BIRTH": "1984-02-29"}
	for _, kind := range kyc.MatchlistKinds() {
		v, ok := values[kind]
		switch {
		case ok:
		case strings.HasSuffix(kind, "COUNTRY") || kind == "IND_NATIONALITY":
			v = "nl"
		default:
			v = "Some text 1"
		}
		got := must[[]kyc.MatchlistEntry](b)(b.m.AddEntries(b.ctx, b.t, b.by, l.ID, []NewEntry{{Attributes: map[string]string{kind: v}, Reasons: []string{"A-1_B"}}}))
		stored := got[0].Private.Attributes[kind]
		if v == "nl" && stored != "NL" || kind == "DOCUMENT_TYPE" && stored != "PASSPORT" || kind == "EMAIL_ADDRESS" && stored != "A@b.org" {
			t.Errorf("%s is stored as %q", kind, stored)
		}
	}
	l = must[kyc.Matchlist](b)(b.m.Matchlist(b.ctx, b.t, l.ID))
	if l.Entries != 30 || l.Version != 30 {
		t.Errorf("%d entries, version %d", l.Entries, l.Version)
	}
	raw, _ := json.Marshal(b.store.Log)
	if strings.Contains(string(raw), "b.org") || strings.Contains(string(raw), "1984") {
		t.Error("the events say what the entries hold")
	}
}

func TestEveryProblemOfEntriesIsListedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.list("Bad")
	_, err := b.m.AddEntries(b.ctx, b.t, b.by, l.ID, []NewEntry{
		{},
		{Attributes: map[string]string{"SHOE_SIZE": "44", "IND_NATIONALITY": "XX", "EMAIL_ADDRESS": "b.org", "IND_DATE_OF_BIRTH": "1985-02-29", "a/b": "c"},
			Reasons: []string{"ok", "A", "A", strings.Repeat("A", 25), ""}, Comment: strings.Repeat("x", 4001)},
		{Attributes: map[string]string{"IND_FAMILY_NAME": "Berg", "ORG_NAME": "Berg"}},
		{Attributes: map[string]string{"IND_FAMILY_NAME": "Berg", "ENTITY_TYPE": "ORGANIZATION"}},
		{Attributes: map[string]string{"IND_FULL_NAME": "Anna Berg"}},
		{Attributes: map[string]string{"IND_FULL_NAME": "berg, ANNA"}},
		{Attributes: map[string]string{"IND_FAMILY_NAME": "  "}},
		{Attributes: map[string]string{"IND_FAMILY_NAME": strings.Repeat("x", 1001)}, Reasons: slices.Repeat([]string{"B"}, 21)},
	})
	b.refused(err, kyc.Invalid, "invalid_entries")
	got := slices.DeleteFunc(codes(err), func(s string) bool { return strings.HasPrefix(s, "/7/reasons/") })
	b.wants("problems", got, "/0/attributes required",
		"/1/attributes/SHOE_SIZE unknown_attribute", "/1/attributes/a~1b unknown_attribute", "/1/attributes/IND_NATIONALITY country_invalid",
		"/1/attributes/EMAIL_ADDRESS value_invalid", "/1/attributes/IND_DATE_OF_BIRTH value_invalid",
		"/1/reasons/0 reason_invalid", "/1/reasons/2 duplicate", "/1/reasons/3 reason_invalid", "/1/reasons/4 reason_invalid", "/1/comment too_long",
		"/2/attributes mixed_attributes", "/3/attributes/ENTITY_TYPE mixed_attributes", "/5 duplicate", "/6/attributes/IND_FAMILY_NAME value_invalid",
		"/7/attributes/IND_FAMILY_NAME too_long", "/7/reasons too_many")
	if l := must[kyc.Matchlist](b)(b.m.Matchlist(b.ctx, b.t, l.ID)); l.Entries != 0 || l.Rev != 1 {
		t.Errorf("something was added: %+v", l)
	}
	for _, none := range [][]NewEntry{nil, make([]NewEntry, MaxEntriesAtOnce+1)} {
		_, err := b.m.AddEntries(b.ctx, b.t, b.by, l.ID, none)
		b.wants("problems", codes(err), " out_of_range")
	}
}

func TestAnEntryExistsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l, other := b.list("One"), b.list("Two")
	add := func(list kyc.ID, attributes map[string]string) (kyc.MatchlistEntry, error) {
		got, err := b.m.AddEntries(b.ctx, b.t, b.by, list, []NewEntry{{Attributes: attributes}})
		if err != nil {
			return kyc.MatchlistEntry{}, err
		}
		return got[0], nil
	}
	first := must[kyc.MatchlistEntry](b)(add(l.ID, map[string]string{"IND_FAMILY_NAME": "van Berg", "IND_GIVEN_NAME": "Anna"}))
	_, err := add(l.ID, map[string]string{"IND_GIVEN_NAME": "ANNA", "IND_FAMILY_NAME": "Berg van"})
	b.refused(err, kyc.Conflict, "entry_exists")
	second := must[kyc.MatchlistEntry](b)(add(l.ID, map[string]string{"IND_FAMILY_NAME": "van Berg"}))
	must[kyc.MatchlistEntry](b)(add(other.ID, map[string]string{"IND_FAMILY_NAME": "van Berg"}))
	_, err = b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, second.ID, 0, EntryChange{Attributes: first.Private.Attributes})
	b.refused(err, kyc.Conflict, "entry_exists")
	if l := must[kyc.Matchlist](b)(b.m.Matchlist(b.ctx, b.t, l.ID)); l.Entries != 2 || l.Version != 2 {
		t.Errorf("the list is %+v", l)
	}
}

func TestEntriesChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l, other := b.list("One"), b.list("Two")
	e := must[[]kyc.MatchlistEntry](b)(b.m.AddEntries(b.ctx, b.t, b.by, l.ID, []NewEntry{{Attributes: map[string]string{"ORG_NAME": "Acme"}, Reasons: []string{"FRAUD"}, Comment: "seen twice"}}))[0]
	got := must[kyc.MatchlistEntry](b)(b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, e.ID, e.Rev, EntryChange{Reasons: &[]string{"SCAM", "FRAUD"}}))
	if len(got.Reasons) != 2 || got.Private.Comment != "seen twice" || got.Hash != e.Hash || got.Rev != 2 {
		t.Errorf("the entry is %+v", got)
	}
	commits := b.store.Commits
	must[kyc.MatchlistEntry](b)(b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, e.ID, 0, EntryChange{Attributes: map[string]string{"ORG_NAME": " Acme "}}))
	if b.store.Commits != commits {
		t.Error("a change that changes nothing was written")
	}
	got = must[kyc.MatchlistEntry](b)(b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, e.ID, 0, EntryChange{Attributes: map[string]string{"ORG_REGISTRATION_NUMBER": "123"}}))
	if len(got.Private.Attributes) != 1 || got.Hash == e.Hash {
		t.Errorf("the entry is %+v", got)
	}
	_, err := b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, e.ID, 0, EntryChange{Attributes: map[string]string{}, Reasons: &[]string{"no"}})
	b.wants("problems", codes(err), "/attributes required", "/reasons/0 reason_invalid")
	_, err = b.m.PatchEntry(b.ctx, b.t, b.by, l.ID, e.ID, 1, EntryChange{})
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.m.Entry(b.ctx, b.t, b.by, other.ID, e.ID)
	b.refused(err, kyc.NotFound, "not_found")
	list, total, err := b.m.Entries(b.ctx, b.t, b.by, l.ID, kyc.Page{Limit: 10})
	if err != nil || total != 1 || list[0].ID != e.ID {
		t.Errorf("the entries are %+v, %v", list, err)
	}
	b.refused(b.m.DeleteEntry(b.ctx, b.t, b.by, l.ID, e.ID, 1), kyc.PreconditionFailed, "etag_mismatch")
	if err := b.m.DeleteEntry(b.ctx, b.t, b.by, l.ID, e.ID, got.Rev); err != nil {
		t.Fatal(err)
	}
	b.refused(b.m.DeleteEntry(b.ctx, b.t, b.by, l.ID, e.ID, 0), kyc.NotFound, "not_found")
	if l := must[kyc.Matchlist](b)(b.m.Matchlist(b.ctx, b.t, l.ID)); l.Entries != 0 || l.Version != 4 {
		t.Errorf("the list is %+v", l)
	}
	full := l
	full.Entries, full.Rev = maxEntries, must[kyc.Matchlist](b)(b.m.Matchlist(b.ctx, b.t, l.ID)).Rev+1
	b.put(&full)
	_, err = b.m.AddEntries(b.ctx, b.t, b.by, l.ID, []NewEntry{{Attributes: map[string]string{"ORG_NAME": "Acme"}}})
	b.refused(err, kyc.Conflict, "matchlist_full")
}
