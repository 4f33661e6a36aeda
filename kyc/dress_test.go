package kyc

import "testing"

func TestDressAndUndress(t *testing.T) {
	t.Parallel()
	id := NewID(noon)
	if got, ok := Undress("session", Dress("session", id)); !ok || got != id {
		t.Errorf("%q %v", got, ok)
	}
	if got, ok := Undress("session", string(id)); !ok || got != id {
		t.Errorf("bare: %q %v", got, ok)
	}
	if _, ok := Undress("session", Dress("case", id)); ok {
		t.Error("another kind's dress was accepted")
	}
	if Dress("session", "") != "" {
		t.Error("an empty id is dressed")
	}
}
