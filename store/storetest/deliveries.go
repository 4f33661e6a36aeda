package storetest

import (
	"testing"
	"time"

	"bonafide/kyc"
)

// webhookAnswers says that what receivers of webhooks answered about a person is
// gone with the person, that the record of the attempts stays, and that nobody
// who read it before writes it back.
func webhookAnswers(t *testing.T, b *bench) {
	ada, eve := b.subject(t), b.subject(t)
	endpoint := &kyc.Endpoint{Meta: b.meta(), URL: "https://example.org", Events: []string{"*"}, Status: "enabled"}
	b.put(t, endpoint)
	deliver := func(subject kyc.ID) *kyc.Delivery {
		now := b.clock.Now()
		d := &kyc.Delivery{Meta: b.meta(), EventID: b.id(), EndpointID: endpoint.ID, EventName: "session.approved", State: kyc.DeliveryDelivered, Attempt: 2, LastStatus: 200, SubjectID: subject,
			Attempts: []kyc.DeliveryTry{{At: now, Status: 500, DurationMS: 3, Answer: "Ada Lovelace is unknown here"}, {At: now, Status: 200, DurationMS: 5, Answer: "thanks for Ada"}}}
		b.put(t, d)
		return d
	}
	hers, others, nobodys := deliver(ada.ID), deliver(eve.ID), deliver("")
	held := must[kyc.Delivery](t)(b.Delivery(b.ctx, b.tenant, hers.ID)) // by a sender that is about to write
	b.commit(t, kyc.Change{Erase: []kyc.ID{ada.ID}, Events: []kyc.Event{b.event("identity.redact")}})

	gone := func(when string) {
		t.Helper()
		one := must[kyc.Delivery](t)(b.Delivery(b.ctx, b.tenant, hers.ID))
		list, _, err := b.Deliveries(b.ctx, b.tenant, kyc.DeliveryFilter{EventID: hers.EventID}, kyc.Page{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d deliveries (%v)", when, len(list), err)
		}
		for how, d := range map[string]kyc.Delivery{"by its id": one, "in a list": list[0]} {
			if !d.Unreadable || len(d.Attempts) < 2 || d.Attempts[0].Status != 500 || d.Attempts[1].DurationMS != 5 || !d.Attempts[0].At.Equal(hers.Attempts[0].At) {
				t.Errorf("%s, %s: %+v", when, how, d)
			}
			for i, try := range d.Attempts {
				if try.Answer != "" {
					t.Errorf("%s, %s: attempt %d still says %q", when, how, i, try.Answer)
				}
			}
		}
	}
	gone("after the erasure")
	for what, d := range map[string]*kyc.Delivery{"another's": others, "nobody's": nobodys} {
		got := must[kyc.Delivery](t)(b.Delivery(b.ctx, b.tenant, d.ID))
		same(t, what+" delivery", got, d)
	}

	b.clock.Advance(time.Second)
	held.Attempts = append(held.Attempts, kyc.DeliveryTry{At: b.clock.Now(), Status: 200, DurationMS: 1, Answer: "Ada Lovelace again"})
	held.Touch(b.clock.Now())
	if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&held}}); err == nil {
		gone("after a sender who knew the answers wrote them")
	} else if kyc.KindOf(err) != kyc.Gone && kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("a write after the erasure: %v", err)
	}
	again := must[kyc.Delivery](t)(b.Delivery(b.ctx, b.tenant, hers.ID))
	again.Attempt++ // as a resend does
	again.Touch(b.clock.Now())
	b.put(t, &again)
	gone("after another change of the record")
}
