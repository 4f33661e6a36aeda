package crash

import (
	"testing"

	"bonafide/kyc"
	"bonafide/store"
)

// eachSession visits every session of a tenant.
func eachSession(t *testing.T, db *store.DB, tenant kyc.Tenant, visit func(kyc.Session)) {
	t.Helper()
	page := kyc.Page{Limit: 500}
	for {
		list, _, err := db.Sessions(t.Context(), tenant, kyc.SessionFilter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			visit(s)
		}
		if len(list) < page.Limit {
			return
		}
		page.After = list[len(list)-1].ID
	}
}

// eachEvent visits every event of a tenant.
func eachEvent(t *testing.T, db *store.DB, tenant kyc.Tenant, visit func(kyc.Event)) {
	t.Helper()
	page := kyc.Page{Limit: 500}
	for {
		list, _, err := db.Events(t.Context(), tenant, kyc.EventFilter{}, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			visit(e)
		}
		if len(list) < page.Limit {
			return
		}
		page.After = list[len(list)-1].ID
	}
}
