package journey

import (
	"testing"

	"bonafide/kyc"
	"bonafide/store/memory"
)

var _ Store = (*memory.Store)(nil)

func wantCode(t *testing.T, err error, kind kyc.Kind, code string) {
	t.Helper()
	if err == nil || kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}
