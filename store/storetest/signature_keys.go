package storetest

import (
	"testing"

	"bonafide/kyc"
)

// signatureKeys says that a tenant has one set of key pairs, sealed, and that of
// two first ones one stands.
func signatureKeys(t *testing.T, b *bench) {
	if _, err := b.SignatureKeys(b.ctx, b.tenant); kyc.KindOf(err) != kyc.NotFound {
		t.Fatalf("before there are any: %v", err)
	}
	now := b.clock.Now()
	keys := &kyc.SignatureKeys{Meta: b.meta(), Keys: []kyc.SignatureKey{{ID: "k2", Public: "x2", CreatedAt: now}, {ID: "k1", Public: "x1", CreatedAt: now, Until: now}},
		Seeds: map[string]string{"k2": "seed-two", "k1": "seed-one"}}
	b.put(t, keys)
	got := must[kyc.SignatureKeys](t)(b.SignatureKeys(b.ctx, b.tenant))
	same(t, "keys", got, keys)
	same(t, "seeds", got.Seeds, keys.Seeds)
	second := *keys
	second.Meta = b.meta()
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&second}}), "concurrent_change")
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: otherEnv(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if _, err := b.SignatureKeys(b.ctx, elsewhere); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("keys reach %v: %v", elsewhere, err)
		}
	}
	next, late := got, got
	next.Touch(now)
	late.Touch(now)
	b.put(t, &next)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&late}}), "concurrent_change")
	// The private halves do not lie in the document; without their sealed column
	// nothing can be signed, and nothing else is taken for them.
	b.exec("UPDATE signature_keys SET secret = NULL WHERE org_id = '" + string(b.tenant.Org) + "'")
	if got, err := b.SignatureKeys(b.ctx, b.tenant); err == nil && len(got.Seeds) > 0 {
		t.Errorf("the private halves lie in the clear: %v", got.Seeds)
	}
}
