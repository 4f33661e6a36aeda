package kyc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestNewIDIsAVersion7UUIDOrderedByTime(t *testing.T) {
	t.Parallel()
	a, b := NewID(noon), NewID(noon.Add(time.Millisecond))
	if a >= b {
		t.Errorf("%s is not before %s", a, b)
	}
	for _, id := range []ID{a, b} {
		if got, ok := ParseID(strings.ToUpper(string(id))); !ok || got != id {
			t.Errorf("ParseID(%s) = %s, %v", id, got, ok)
		}
		if id[14] != '7' || !strings.ContainsRune("89ab", rune(id[19])) {
			t.Errorf("%s carries the wrong version or variant", id)
		}
	}
	if a == NewID(noon) {
		t.Error("two IDs of one instant are equal")
	}
}

func TestIDsOfOneMillisecondAreInTheOrderOfTheirTimes(t *testing.T) {
	t.Parallel()
	// A whole second by the microseconds that the system's clock knows, and the
	// ends of a millisecond before 1970.
	last := NewID(noon.Add(-time.Nanosecond))
	for i := range 1_000_000 {
		id := NewID(noon.Add(time.Duration(i) * time.Microsecond))
		if id <= last || id[14] != '7' {
			t.Fatalf("%s at %d µs is not after %s", id, i, last)
		}
		last = id
	}
	early := time.Unix(-1, 999_000_000)
	if a, b := NewID(early), NewID(early.Add(time.Millisecond-time.Nanosecond)); a >= b || a[:13] != b[:13] || a[14:18] != "7000" || b[14:18] != "7fff" {
		t.Errorf("%s and %s are no ends of one millisecond", a, b)
	}
}

func TestParseIDRefusesWhatIsNoUUID(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", "session_0199", strings.Repeat("0", 36), "0199a0b0-0000-7000-8000-00000000000g", "0199a0b0-0000-7000-8000-0000000000000"} {
		if id, ok := ParseID(s); ok {
			t.Errorf("ParseID(%q) = %q", s, id)
		}
	}
}

func TestADecidedSessionStaysDecided(t *testing.T) {
	t.Parallel()
	for _, decided := range []SessionStatus{SessionApproved, SessionRejected} {
		for _, next := range []SessionStatus{SessionCreated, SessionCapturing, SessionPaused, SessionReview, SessionApproved, SessionRejected, SessionExpired, SessionFailed, SessionCancelled} {
			s := Session{Status: decided}
			err := s.Move(next, noon)
			if KindOf(err) != Conflict {
				t.Errorf("%s to %s: got %v, want a conflict", decided, next, err)
			}
			if s.Status != decided {
				t.Errorf("%s became %s although the move was refused", decided, s.Status)
			}
		}
	}
}

func TestMoveSetsTheEndTimeOnlyAtTheEnd(t *testing.T) {
	t.Parallel()
	s := Session{Status: SessionCreated}
	if err := s.Move(SessionRunning, noon); err != nil || !s.CompletedAt.IsZero() {
		t.Fatalf("running: %v, completed %v", err, s.CompletedAt)
	}
	if err := s.Move(SessionFailed, noon); err != nil || s.CompletedAt != noon {
		t.Fatalf("failed: %v, completed %v", err, s.CompletedAt)
	}
	if err := s.Move(SessionRunning, noon); err != nil || !s.CompletedAt.IsZero() {
		t.Fatalf("again: %v, completed %v", err, s.CompletedAt)
	}
}

func TestEveryMoveTargetIsAKnownState(t *testing.T) {
	t.Parallel()
	for from, tos := range sessionMoves {
		for _, to := range tos {
			if from == to {
				t.Errorf("%s may move to itself", from)
			}
			if _, known := sessionMoves[to]; !known && to != SessionCancelled {
				t.Errorf("%s leads to %s, which has no row", from, to)
			}
		}
	}
}

func TestErrorCarriesEveryProblemAndItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk")
	err := fmt.Errorf("saving: %w", Errorf(Unavailable, "store_down", "the store does not answer: %w", cause))
	if !errors.Is(err, cause) || KindOf(err) != Unavailable || !IsCode(err, "store_down") {
		t.Errorf("the chain is broken: %v", err)
	}
	list := InvalidInput("invalid", "two things", []Problem{{Path: "/a", Code: "x", Message: "m"}, {Path: "/b", Code: "y", Message: "n"}})
	for _, want := range []string{"/a", "/b", "x", "y"} {
		if !strings.Contains(list.Error(), want) {
			t.Errorf("%q lacks %q", list.Error(), want)
		}
	}
	if e := AsError(errors.New("select * from secret")); e.Kind != Internal || strings.Contains(e.Message, "secret") {
		t.Errorf("an unknown error leaks: %v", e)
	}
}

func TestUnitIsFoundAndCanBeHidden(t *testing.T) {
	t.Parallel()
	if UnitFrom(context.Background()) != nil {
		t.Fatal("a unit from nowhere")
	}
	ctx, u := WithUnit(context.Background())
	if UnitFrom(ctx) != u {
		t.Fatal("the unit is lost")
	}
	if UnitFrom(WithoutUnit(ctx)) != nil {
		t.Fatal("the unit is not hidden")
	}
}

func TestChangeAddKeepsEverything(t *testing.T) {
	t.Parallel()
	var c Change
	if !c.Empty() {
		t.Fatal("a new change is not empty")
	}
	c.Add(Change{Put: []Object{&Session{}}, Remove: []Object{&ListItem{}}, Definitions: []Definition{{}}, Inputs: []Input{{}}, Events: []Event{{}},
		Jobs: []Job{{}}, Traits: []Trait{{}}, Trials: []Trial{{}}, TraitTenant: Tenant{Org: "o"}, Erase: []ID{"x"}, Idempotency: &Idempotency{Key: "k"}})
	c.Add(Change{Events: []Event{{}}})
	if len(c.Put) != 1 || len(c.Remove) != 1 || len(c.Definitions) != 1 || len(c.Inputs) != 1 || len(c.Events) != 2 || len(c.Jobs) != 1 ||
		len(c.Traits) != 1 || len(c.Trials) != 1 || c.TraitTenant.Org != "o" || len(c.Erase) != 1 || c.Idempotency.Key != "k" || c.Empty() {
		t.Errorf("something was lost: %+v", c)
	}
}

func TestTouchCountsRevisions(t *testing.T) {
	t.Parallel()
	var m Meta
	m.Touch(noon)
	m.Touch(noon.Add(time.Hour))
	if m.Rev != 2 || m.CreatedAt != noon || m.UpdatedAt != noon.Add(time.Hour) {
		t.Errorf("%+v", m)
	}
}

func TestULIDsAreTheSameIDs(t *testing.T) {
	t.Parallel()
	last := ""
	for i := range 500 {
		id := NewID(noon.Add(time.Duration(i) * time.Millisecond))
		u := ULID(id)
		if len(u) != 26 || u <= last {
			t.Fatalf("%s gives %s after %s", id, u, last)
		}
		last = u
		if back, ok := ParseULID(strings.ToLower(u)); !ok || back != id {
			t.Fatalf("%s became %s and then %s", id, u, back)
		}
	}
	if got := ULID("0194fdc2-fa2f-7cc0-81d3-ff12045b73c8"); got != "01JKYW5YHFFK083MZZ2825PWY8" {
		t.Errorf("a known one: %s", got)
	}
	for _, s := range []string{"", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01JKYW5YHFFK083MZZ2825PWYU", "x"} {
		if id, ok := ParseULID(s); ok {
			t.Errorf("%q was read as %s", s, id)
		}
	}
	if ULID("x") != "" {
		t.Error("no id has a ULID")
	}
}

type noEvents struct{}

func (noEvents) Case(context.Context, Tenant, ID) (Case, error) { return Case{}, nil }

func (noEvents) Users(context.Context, ID) ([]User, error) { return nil, nil }

func (noEvents) Events(context.Context, Tenant, EventFilter, Page) ([]Event, int, error) {
	return nil, 0, nil
}

func TestASecondWordComesFromAnotherHand(t *testing.T) {
	t.Parallel()
	key, ann := Actor{Kind: ActorKey, ID: "k"}, Actor{Kind: ActorUser, ID: "ann"}
	for name, tt := range map[string]struct {
		first  CaseDecision
		second Actor
		who    string
		same   bool
	}{
		"two names by one key": {CaseDecision{ReviewerID: "ann", By: Actor{Kind: ActorKey, ID: "k", OnBehalfOf: "ann"}}, Actor{Kind: ActorKey, ID: "k", OnBehalfOf: "bob"}, "bob", false},
		"one name, other case": {CaseDecision{ReviewerID: "ann", By: Actor{Kind: ActorKey, ID: "k", OnBehalfOf: "ann"}}, Actor{Kind: ActorKey, ID: "j", OnBehalfOf: "Ann"}, "Ann", true},
		"one key, no names":    {CaseDecision{ReviewerID: "k", By: key}, key, "k", true},
		"one person":           {CaseDecision{ReviewerID: "ann", By: ann}, ann, "ann", true},
		"two people":           {CaseDecision{ReviewerID: "ann", By: ann}, Actor{Kind: ActorUser, ID: "bob"}, "bob", false},
		"nobody named first":   {CaseDecision{By: key}, Actor{Kind: ActorUser, ID: "bob"}, "", false},
	} {
		c := Case{}
		c.Recommend(tt.first)
		if c.Status != CaseSecond || c.AssignedTo != "" {
			t.Errorf("%s: the case is %s with %q", name, c.Status, c.AssignedTo)
		}
		if err := c.OtherHand(t.Context(), noEvents{}, tt.second, tt.who); IsCode(err, "same_reviewer") != tt.same || (err == nil) == tt.same {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoseAReviewIs(t *testing.T) {
	t.Parallel()
	now, key := time.Unix(100_000, 0), Actor{Kind: ActorKey, ID: "k"}
	for name, tt := range map[string]struct {
		c     Case
		taken bool
	}{
		"nobody's":            {Case{Status: CaseOpen}, false},
		"mine":                {Case{Status: CaseInReview, AssignedTo: "ANN", LastActivityAt: now}, false},
		"my key's":            {Case{Status: CaseInReview, AssignedTo: "k", LastActivityAt: now}, false},
		"somebody's":          {Case{Status: CaseInReview, AssignedTo: "bob", LastActivityAt: now}, true},
		"somebody's no more":  {Case{Status: CaseInReview, AssignedTo: "bob", LastActivityAt: now.Add(-DefaultSettings().ClaimLapse)}, false},
		"escalated to others": {Case{Status: CaseEscalated, AssignedTo: "bob"}, true},
		"escalated to me":     {Case{Status: CaseEscalated, AssignedTo: "ann"}, false},
	} {
		if err := tt.c.NotTheirs(key, "ann", now, Settings{}); IsCode(err, "not_claimable") != tt.taken || (err == nil) == tt.taken {
			t.Errorf("%s: %v", name, err)
		}
	}
}
