package checks

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestDecidingByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"CONSENT"}`)
	id := b.sandbox.session(workflow, "Approve")
	at := "/v1/sessions/" + id + "/update-status"
	b.sandbox.refused(409, "invalid_transition", "PATCH", at, `{"new_status":"VERIFIED"}`)
	b.sandbox.submit(id, "CONSENT", `{"accepted":false}`)
	if got := b.settled(t, b.sandbox, id); got != "SUBMITTED" {
		t.Fatalf("%s", got)
	}
	b.sandbox.refused(400, "validation_failed", "PATCH", at, `{"new_status":"PENDING"}`)
	b.sandbox.refused(400, "validation_failed", "PATCH", at, `{}`)
	r := b.sandbox.Must(200, "PATCH", at, `{"new_status":"REJECTED","reason":"no consent"}`)
	if r.Str("status") != "REJECTED" || r.Str("decided_at") == "" || r.Str("id") != id {
		t.Errorf("%s", r.Raw)
	}
	b.sandbox.refused(409, "reason_required", "PATCH", at, `{"new_status":"VERIFIED"}`)
	b.sandbox.With("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", at, `{"new_status":"VERIFIED","reason":"it came by letter"}`)
	b.sandbox.Must(200, "PATCH", at, `{"new_status":"VERIFIED","reason":"it came by letter"}`)
	rows := b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil).List("session_record.decisions")
	last, _ := rows[len(rows)-1].(map[string]any)
	if last["from_status"] != "REJECTED" || last["to_status"] != "VERIFIED" || last["override"] != true || last["reason"] != "it came by letter" || last["source"] != "api" {
		t.Errorf("%v", rows)
	}
	if got := b.Told(id); !slices.Equal(got, []string{"session.created", "session.step.completed", "session.status.submitted", "session.status.rejected", "session.status.verified"}) {
		t.Errorf("told %v", got)
	}
}

func TestVoidingAndErasing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}}`)
	id := b.sandbox.session(workflow, "Approve")
	at := "/v1/sessions/" + id
	for range 2 {
		if r := b.sandbox.Must(200, "DELETE", at, nil); r.Str("status") != "VOIDED" || r.At("redacted") != false {
			t.Errorf("%s", r.Raw)
		}
	}
	b.sandbox.refused(409, "session_closed", "POST", at+"/steps/ID_VERIFICATION", `{}`)
	if r := b.sandbox.Must(200, "POST", at+"/workflow/start", nil); r.Str("status") != "VOIDED" { // safe to repeat, and nothing begins
		t.Errorf("%s", r.Raw)
	}
	b.sandbox.refused(409, "session_closed", "POST", at+"/uploads", `{"name":"x","content_type":"image/png"}`)
	if told := b.Told(id); told[len(told)-1] != "session.status.voided" {
		t.Errorf("told %v", told)
	}
	id = b.sandbox.session(workflow, "Approve")
	at = "/v1/sessions/" + id
	b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id))
	b.settled(t, b.sandbox, id)
	link := b.sandbox.Must(200, "GET", at, nil).Str("resource_links.id_front")
	b.sandbox.refused(409, "invalid_transition", "DELETE", at, nil)
	b.reader.refused(403, "scope_missing", "DELETE", at+"?redact=true", nil)
	r := b.sandbox.Must(200, "DELETE", at+"?redact=true", nil)
	if r.At("redacted") != true || r.Str("redacted_at") == "" || r.Str("status") != "VERIFIED" {
		t.Errorf("%s", r.Raw)
	}
	gone := b.sandbox.Must(200, "GET", at, nil)
	for _, word := range []string{"Anna", "Approve", "anna@example.org", "31612345678", "1990-01-15"} {
		if strings.Contains(string(gone.Raw), word) {
			t.Errorf("%s is still there: %s", word, gone.Raw)
		}
	}
	if gone.At("user") != nil || gone.At("session_record.redacted_at") == nil || len(gone.At("resource_links").(map[string]any)) != 0 {
		t.Errorf("%s", gone.Raw)
	}
	if file := b.client(t, "").Send("GET", link, "", nil); file.Status == 200 {
		t.Errorf("an erased file: %d", file.Status)
	}
}

func TestHostedSessions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	workflow := b.workflow(t, `{"id":"CONSENT"},{"id":"PEP_SANCTIONS"}`)
	r := b.sandbox.refused(400, "validation_failed", "POST", "/v1/sessions", `{"phone":"12","redirectUrl":"http://x","expiresInHours":9000}`)
	if got := problems(r); len(got) != 7 {
		t.Errorf("%v", got)
	}
	r = b.sandbox.Must(201, "POST", "/v1/sessions", map[string]any{"workflowId": workflow, "email": "anna@example.org", "firstName": "Anna", "lastName": "Approve", "phone": "31612345678",
		"externalId": "order-9", "redirectUrl": "https://shop.example/done", "expiresInHours": 1, "sendEmailInvite": true})
	if r.Str("externalId") != "order-9" || r.Str("status") != "PENDING" || len(r.List("links")) != 3 || !reflect.DeepEqual(r.List("invited"), []any{"email"}) || len(b.invited) != 1 {
		t.Errorf("%s %v", r.Raw, b.invited)
	}
	id := r.Str("id")
	if r.Str("session_url") == "" {
		t.Errorf("there is no link: %s", r.Raw)
	}
	b.sandbox.submit(id, "CONSENT", `{"accepted":true,"legal_name":"Anna Approve"}`)
	if got := b.sandbox.Must(200, "GET", "/v1/sessions/"+id, nil); got.Str("session_record.type") != "hosted" || got.Str("session_record.redirect_url") != "https://shop.example/done" {
		t.Errorf("%s", got.Raw)
	}
	b.Clock.Advance(2 * 3600 * 1e9)
	b.sandbox.refused(410, "session_expired", "POST", "/v1/sessions/"+id+"/steps/PEP_SANCTIONS", identity("Approve"))
	if got := b.sandbox.Must(200, "GET", "/v1/sessions/"+id+"/workflow", nil); got.Str("status") != "VOIDED" {
		t.Errorf("%s", got.Raw)
	}
}

func TestListsSelectInOneWay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.workflow(t, `{"id":"CONSENT"}`), b.workflow(t, `{"id":"CONSENT"}`)
	a, c := b.sandbox.session(first, "A"), b.sandbox.session(first, "B")
	d := b.sandbox.session(second, "A")
	ids := func(query string) []string {
		var out []string
		for _, row := range b.sandbox.Must(200, "GET", "/v1/sessions"+query, nil).List("sessions") {
			out = append(out, row.(map[string]any)["id"].(string))
		}
		slices.Sort(out)
		return out
	}
	sorted := func(list ...string) []string { slices.Sort(list); return list }
	for query, want := range map[string][]string{
		"": sorted(a, c, d), "?by_organization=true": sorted(a, c, d), "?workflow_id=" + first: sorted(a, c), "?external_id=order-A": sorted(a, d),
		"?external_id=order-A&workflow_id=" + first: sorted(a, d), "?workflow_id=" + second + "&by_organization=true": {d},
		"?start_date=2000-01-01&end_date=2000-12-31": nil, "?start_date=2000-01-01&end_date=2999-12-31": sorted(a, c, d), "?workflow_id=" + string(kyc.NewID(b.Clock.Now())): nil,
	} {
		if got := ids(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if got := b.live.Must(200, "GET", "/v1/sessions?by_organization=true", nil).List("sessions"); len(got) != 0 {
		t.Errorf("live sees %v", got)
	}
	var seen []string
	path := "?limit=2"
	for range 3 {
		r := b.sandbox.Must(200, "GET", "/v1/sessions"+path, nil)
		for _, row := range r.List("sessions") {
			seen = append(seen, row.(map[string]any)["id"].(string))
		}
		next := r.Str("next_token")
		if next == "" {
			break
		}
		b.sandbox.refused(400, "cursor_invalid", "GET", "/v1/sessions?external_id=x&next_token="+next, nil)
		path = "?limit=2&next_token=" + next
	}
	if slices.Sort(seen); !slices.Equal(seen, sorted(a, c, d)) {
		t.Errorf("pages show %v", seen)
	}
	for _, bad := range []string{"start_date=yesterday", "end_date=2020-13-01", "workflow_id=x", "limit=501"} {
		b.sandbox.refused(400, "parameter_invalid", "GET", "/v1/sessions?"+bad, nil)
	}
}
