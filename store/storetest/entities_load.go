package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// pageResults is how many process results the individual of the benchmark has,
// and otherResults how many others of the same tenant have together.
const (
	pageResults  = 10_000
	otherResults = 5_000
)

// BenchmarkProcessResults measures one page of 100 of the process results of
// an individual who has 10,000, the total included: p99 of each sort of list.
// settle does what the database does by itself a minute later.
func BenchmarkProcessResults(b *testing.B, db *store.DB, settle func()) {
	ctx := context.Background()
	t := kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}
	subject, err := FillProcessResults(ctx, db, t, pageResults, otherResults)
	if err != nil {
		b.Fatal(err)
	}
	settle()
	start := time.Now().AddDate(-1, 0, 0)
	whole := kyc.ProcessFilter{SubjectID: subject}
	combined := kyc.ProcessFilter{SubjectID: subject, ServiceName: "Onboarding", StepTypes: []string{"AML", "KYC"}, Classes: []string{"WATCHLIST", "PEP", "ADDRESS"},
		Results: []string{"HIT", "MATCH"}, States: []string{"COMPLETED"}, SystemStatuses: []string{"VALID"}, ManualStatuses: []string{""},
		CreatedFrom: start, CreatedTo: time.Now().AddDate(1, 0, 0)}
	updated, rare := combined, combined
	updated.UpdatedInstead, updated.Oldest = true, true
	rare.ManualStatuses = []string{"TRUE_POSITIVE_REJECT"}
	last := kyc.Page{Limit: 100, Offset: pageResults - 100}
	for _, c := range []struct {
		name   string
		filter kyc.ProcessFilter
		page   kyc.Page
		total  int
	}{
		{"first", whole, kyc.Page{Limit: 100}, pageResults},
		{"last", whole, last, pageResults},
		{"oldest", kyc.ProcessFilter{SubjectID: subject, Oldest: true}, kyc.Page{Limit: 100}, pageResults},
		{"updated", kyc.ProcessFilter{SubjectID: subject, UpdatedInstead: true}, last, pageResults},
		{"combined", combined, kyc.Page{Limit: 100, Offset: 1000}, -1},
		{"combined,updated", updated, kyc.Page{Limit: 100, Offset: 1000}, -1},
		{"rare", rare, kyc.Page{Limit: 100}, -1},
	} {
		b.Run(c.name, func(b *testing.B) {
			took := make([]time.Duration, b.N)
			for i := range b.N {
				begin := time.Now()
				found, total, err := db.ProcessResults(ctx, t, c.filter, c.page)
				took[i] = time.Since(begin)
				if err != nil {
					b.Fatal(err)
				}
				if total == 0 || c.total >= 0 && total != c.total || len(found) != min(100, total) || found[0].Private.Supplementary["type"] == nil {
					b.Fatalf("%d of %d results", len(found), total)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// FillProcessResults stores an individual with so many process results, spread
// over types, classes and judgements, and as many of others as it is told.
func FillProcessResults(ctx context.Context, db *store.DB, t kyc.Tenant, mine, others int) (kyc.ID, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	subjects := make([]kyc.ID, 11)
	for i := range subjects {
		s := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, Kind: "individual", Status: kyc.SubjectPending}
		s.Touch(now)
		if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{s}}); err != nil {
			return "", err
		}
		subjects[i] = s.ID
	}
	var c kyc.Change
	for i := range mine + others {
		subject := subjects[0]
		if i >= mine {
			subject = subjects[1+i%10]
		}
		c.Put = append(c.Put, loaded(t, subject, i, now.Add(time.Duration(i)*time.Millisecond)))
		if len(c.Put) == 500 || i == mine+others-1 {
			if err := db.Commit(ctx, &c); err != nil {
				return "", err
			}
			c = kyc.Change{}
		}
	}
	return subjects[0], nil
}

// loaded is the i-th process result of the benchmark, with a personal part as
// large as that of a hit.
func loaded(t kyc.Tenant, subject kyc.ID, i int, at time.Time) *kyc.ProcessResult {
	step := [...]string{"AML", "KYC", "IDV", "FRAUD"}[i%4]
	class := [...]string{"WATCHLIST", "PEP", "ADDRESS", "NAME", "ADVERSE_MEDIA"}[i%5]
	r := &kyc.ProcessResult{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: t}, SubjectID: subject, ExecutionID: kyc.NewID(at), StepResultID: kyc.NewID(at), WorkflowID: subject,
		ServiceName: "Onboarding", StepName: step + "_STEP", StepType: step, ObjectType: "INDIVIDUAL", ObjectID: subject, Class: class,
		Result: [...]string{"HIT", "MATCH", "NO_MATCH"}[i%3], State: "COMPLETED", SystemStatus: "VALID", Provider: kyc.ProcessProvider{Name: "lists", Source: "ofac_sdn"},
		Hit: fmt.Sprintf("ofac_sdn|%d", i), Digest: "0000000000000000000000000000000000000000000000000000000000000000",
		Private: kyc.ProcessData{Supplementary: map[string]any{"type": class, "listName": "Specially Designated Nationals", "name": "Ada Lovelace",
			"aliases": []any{"A. Lovelace", "Augusta Ada King", "Countess of Lovelace"}, "countries": []any{"GB", "FR"}, "score": 0.97,
			"dates": []any{"1815-12-10", "1815"}, "remarks": "a remark of the usual length, which the source gives with its entry and which is shown as it is"}}}
	if i%50 == 0 {
		r.Manual = &kyc.ManualStatus{Status: "TRUE_POSITIVE_REJECT", By: "someone", Actor: kyc.SystemActor("test"), At: at}
	}
	r.Touch(at)
	return r
}
