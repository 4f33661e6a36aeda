package execution

import (
	"testing"

	"bonafide/kyc"
	"bonafide/procedure"
)

// become changes what is known of somebody, as PATCH does.
func (b *bench) become(t *testing.T, who kyc.ID, edit func(p *kyc.IndividualData)) {
	t.Helper()
	i, err := b.db.Individual(b.ctx, b.live, who)
	if err != nil {
		t.Fatal(err)
	}
	edit(&i.Private)
	i.Touch(b.Machine.d.Clock.Now())
	c, err := b.FactorsChanged(b.ctx, b.live, who)
	if err != nil {
		t.Fatal(err)
	}
	c.Put = append(c.Put, &i)
	if err := b.db.Commit(b.ctx, &c); err != nil {
		t.Fatal(err)
	}
	b.advance(1e9)
}

// A hit that was cleared because of somebody's birth date is open again under
// another one, and whoever is monitored is told of it once. What says nothing of
// who somebody is changes nothing.
func TestASettledHitStaysSettledUntilThePersonChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.houseWorkflow(t)
	b.lists.become(map[string]string{"h-1": "Grabow, Anton"})
	who := b.watched(t, "Ada", "Grabow")
	judge := func(status string) {
		t.Helper()
		found := hitsOf(b.execute(t, who, "Take on"))
		b.advance(1e9)
		if _, err := b.Judge(b.ctx, b.live, b.by, who.ID, Judgement{Kind: "aml", Status: status, Results: ids(found)}); err != nil {
			t.Fatal(err)
		}
		b.advance(1e9)
	}
	word := func() string {
		t.Helper()
		return hitsOf(b.execute(t, who, "Take on"))[0].ManualWord()
	}
	judge("FALSE_POSITIVE")
	b.become(t, who.ID, func(p *kyc.IndividualData) {
		p.Phones = append(p.Phones, kyc.PhoneNumber{Number: "+4915112345678"})
		p.Name.Given = "ADA"
	})
	if got := word(); got != "FALSE_POSITIVE" {
		t.Errorf("a telephone number reopened the hit: %q", got)
	}
	b.rescreen(t)
	told := len(b.told(NewsAlert))
	b.become(t, who.ID, func(p *kyc.IndividualData) { p.BirthDate = kyc.BirthDate{Normalized: "1957-03-10"} })
	b.rescreen(t)
	b.rescreen(t)
	if n := len(b.told(NewsAlert)) - told; n != 1 {
		t.Errorf("%d alerts of the hit that is open again", n)
	}
	if x := b.execute(t, who, "Take on"); hitsOf(x)[0].Manual != nil || x.Execution.Result == "PASS" {
		t.Errorf("another birth date kept the hit settled: %+v", hitsOf(x)[0])
	}
	judge("FALSE_POSITIVE")
	if got := word(); got != "FALSE_POSITIVE" {
		t.Errorf("the new word is not carried: %q", got)
	}
	b.paper(t, who, "PASSPORT", "2039-01-01")
	if got := word(); got != "" {
		t.Errorf("a passport kept the hit settled: %q", got)
	}
	// A refusal is not edited away.
	judge("TRUE_POSITIVE_REJECT")
	b.become(t, who.ID, func(p *kyc.IndividualData) { p.BirthDate = kyc.BirthDate{Normalized: "1990-01-01"} })
	if x := b.execute(t, who, "Take on"); hitsOf(x)[0].ManualWord() != "TRUE_POSITIVE_REJECT" || procedure.Accepts(x.Execution.Result) {
		t.Errorf("a refusal was edited away: %+v", hitsOf(x)[0])
	}
}
