package entities

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
)

// ada is an individual of whom much is known, as a caller sends one.
const ada = `{"individual":{"entityType":"INDIVIDUAL","name":{"givenName":"Ada","middleName":"M","familyName":"Approve","displayName":"Ada M Approve","language":"en"},
 "alternateNames":[{"type":"PREVIOUS","givenName":"Ada","familyName":"Before"}],"dateOfBirth":{"year":"1990","month":"05","day":17},
 "alternateDatesOfBirth":[{"year":1991,"unstructured":"about 1991"}],"gender":"FEMALE","placeOfBirth":{"locality":"Perth","country":"aus"},"nationality":"AUS",
 "addresses":[{"type":"RESIDENTIAL_ADDRESS","status":"CURRENT","unitNumber":"3","streetNumber":"12","streetName":"Kings","streetType":"Road","locality":"Perth","subdivision":"WA","postalCode":"6000","country":"AUS"}],
 "phoneNumbers":[{"type":"MOBILE","number":"+61 412 345 678"}],"emailAddresses":[{"email":"ada@example.com"}],"consents":[{"type":"GENERAL"}],
 "customAttributes":{"shoe":{"size":39},"VIP":true},"externalReferences":[{"type":"CRM","name":"crm","value":"customer-42","description":"their number"}],
 "documents":{"IDENTITY":[{"type":"PASSPORT","country":"AUS","primaryIdentifier":"N1234567","expiryDate":"2099-01-31","supplementaryData":{"colour":"blue"}}]}}}`

// adopt makes an individual and gives its id.
func (c *client) adopt(body string) string {
	c.T.Helper()
	return c.Must(201, "POST", "/v2/individuals", body).Str("individual.entityId")
}

// named is a short body for somebody of a family name.
func named(family string) string {
	return `{"individual":{"name":{"givenName":"Ada","familyName":"` + family + `"},"dateOfBirth":{"year":1990,"month":5,"day":17},"nationality":"AUS","emailAddresses":[{"email":"` + strings.ToLower(family) + `@example.com"}],
	 "addresses":[{"type":"RESIDENTIAL_ADDRESS","status":"CURRENT","streetNumber":"12","streetName":"Kings","streetType":"Road","locality":"Perth","postalCode":"6000","country":"AUS"}]}}`
}

func TestAnIndividualFromTheCradleToTheGrave(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.Must(201, "POST", "/v2/individuals", ada)
	has(t, "individual", individualMembers, made.At("individual"))
	has(t, "name", nameMembers, made.At("individual.name"))
	has(t, "dateOfBirth", dateMembers, made.At("individual.dateOfBirth"))
	has(t, "document", documentMembers, made.At("individual.documents.IDENTITY.0"))
	for path, want := range map[string]any{"individual.nationality": "AUS", "individual.placeOfBirth.country": "AUS", "individual.addresses.0.country": "AUS",
		"individual.dateOfBirth.year": 1990.0, "individual.dateOfBirth.normalized": "1990-05-17", "individual.alternateNames.0.type": "PREVIOUS", "individual.entityType": "INDIVIDUAL",
		"individual.documents.IDENTITY.0.country": "AUS", "individual.documents.IDENTITY.0.class": "IDENTITY", "individual.customAttributes.shoe.size": 39.0,
		"individual.phoneNumbers.0.number": "+61412345678", "individual.consents.0.withdrawnAt": nil, "individual.documents.IDENTITY.0.supplementaryData.colour": "blue"} {
		if got := made.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	subject := made.Str("individual.entityId")
	person := "/v2/individuals/" + subject
	read := c.Must(200, "GET", person, nil)
	if mustJSON(read.At("individual")) != mustJSON(made.At("individual")) {
		t.Errorf("read %s\nmade %s", mustJSON(read.At("individual")), mustJSON(made.At("individual")))
	}
	if got := c.Must(200, "GET", person+"?level=id", nil); got.At("individual.documents.IDENTITY.0.primaryIdentifier") != "" || got.Str("individual.documents.IDENTITY.0.documentId") == "" {
		t.Errorf("level=id shows %s", got.Raw)
	}
	// Nobody else sees it.
	for _, other := range []*client{b.live, b.stranger} {
		other.refused(404, "not_found", "", "GET", person, nil)
		if got := other.Must(200, "GET", "/v2/individuals", nil); len(got.List("individuals")) != 0 {
			t.Errorf("somebody else sees %s", got.Raw)
		}
	}
	// A change merges, null removes, a stale ETag changes nothing.
	tag := read.Header.Get("ETag")
	changed := c.With("If-Match", tag).Must(200, "PATCH", person, `{"individual":{"name":{"middleName":null,"prefix":"Dr"},"gender":null,"dateOfBirth":{"day":18},
	 "customAttributes":{"VIP":null,"hat":7},"emailAddresses":[{"email":"ada2@example.com"}],"placeOfBirth":{"locality":"Sydney"}}}`)
	for path, want := range map[string]any{"individual.name.middleName": "", "individual.name.prefix": "Dr", "individual.name.familyName": "Approve", "individual.gender": nil,
		"individual.dateOfBirth.normalized": "1990-05-18", "individual.customAttributes.VIP": nil, "individual.customAttributes.hat": 7.0, "individual.emailAddresses.1.email": "ada2@example.com",
		"individual.placeOfBirth.locality": "Sydney", "individual.placeOfBirth.country": "AUS"} {
		if got := changed.At(path); got != want {
			t.Errorf("after the change %s is %v, want %v", path, got, want)
		}
	}
	c.With("If-Match", tag).refused(412, "etag_mismatch", "", "PATCH", person, `{"individual":{"gender":"OTHER"}}`)
	// Elements go one by one.
	for path, id := range map[string]string{"/names/": "individual.alternateNames.0.nameId", "/datesOfBirth/": "individual.alternateDatesOfBirth.0.dateOfBirthId",
		"/addresses/": "individual.addresses.0.addressId", "/emailaddresses/": "individual.emailAddresses.0.emailAddressId",
		"/phonenumbers/": "individual.phoneNumbers.0.phoneNumberId"} {
		c.Must(200, "DELETE", person+path+changed.Str(id), nil)
		c.refused(404, "not_found", "", "DELETE", person+path+changed.Str(id), nil)
	}
	c.refused(409, "main_name", "", "DELETE", person+"/names/"+changed.Str("individual.name.nameId"), nil)
	refs := c.Must(200, "GET", person+"/externalreferences", nil)
	if refs.Str("externalReferences.0.value") != "customer-42" {
		t.Errorf("%s", refs.Raw)
	}
	c.Must(200, "DELETE", person+"/externalreferences/"+refs.Str("externalReferences.0.referenceId"), nil)
	if got := c.Must(200, "DELETE", person+"/consents/GENERAL", nil); got.At("individual.consents.0.withdrawnAt") == nil {
		t.Errorf("the consent holds: %s", got.Raw)
	}
	c.refused(404, "not_found", "", "DELETE", person+"/consents/DOCS", nil)
	left := c.Must(200, "GET", person, nil)
	for _, list := range []string{"alternateNames", "alternateDatesOfBirth", "addresses", "phoneNumbers", "externalReferences"} {
		if n := len(left.List("individual." + list)); n != 0 {
			t.Errorf("%d %s are left", n, list)
		}
	}
	// A deleted individual is gone from everything but the audit.
	c.Must(200, "DELETE", person, nil)
	c.refused(404, "not_found", "", "GET", person, nil)
	audit := c.Must(200, "GET", person+"/audit?limit=100", nil)
	var actions []string
	for i := range audit.List("auditEvents") {
		actions = append(actions, audit.List("auditEvents")[i].(map[string]any)["action"].(string))
	}
	for _, want := range []string{"individual.create", "individual.update", "individual.read", "individual.delete"} {
		if !slices.Contains(actions, want) {
			t.Errorf("the audit lacks %s: %v", want, actions)
		}
	}
	if strings.Contains(string(audit.Raw), "Approve") || strings.Contains(string(audit.Raw), "ada@") {
		t.Errorf("the audit speaks of the person: %s", audit.Raw)
	}
}

func TestErasingNeedsItsScope(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	subject := b.live.adopt(named("Approve"))
	if got := b.reader.Call("DELETE", "/v2/individuals/"+subject+"?erase=true", nil); got.Status != 403 || got.Str("errorCode") != "API-0403" {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	b.live.Must(200, "DELETE", "/v2/individuals/"+subject+"?erase=true", nil)
	b.live.refused(404, "not_found", "", "GET", "/v2/individuals/"+subject, nil)
}

func TestADateOfBirthThatSaysNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	for _, date := range []string{`{"year":0}`, `{}`, `{"year":"0","month":0,"day":0}`} {
		c.refused(422, "required", "/individual/dateOfBirth/year", "POST", "/v2/individuals", `{"individual":{"name":{"familyName":"Example"},"dateOfBirth":`+date+`}}`)
	}
	c.Must(201, "POST", "/v2/individuals", `{"individual":{"name":{"familyName":"Example"},"dateOfBirth":null}}`)
}

func TestEverythingWrongWithAnIndividualIsToldAtOnce(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	bad := `{"individual":{"name":{"givenName":"Ada"},"nationality":"AU","addresses":[{"country":"ZZZ"},{"country":"AUS"}],"placeOfBirth":{"country":"Oz"},
	 "documents":{"OTHER":[{"type":"PASSPORT","country":"QQQ"}]}}}`
	for _, at := range []string{"/individual/nationality", "/individual/addresses/0/country", "/individual/placeOfBirth/country", "/individual/documents/OTHER/0/country"} {
		c.refused(422, "country_code_invalid", at, "POST", "/v2/individuals", bad)
	}
	c.refused(422, "document_class_mismatch", "/individual/documents/OTHER/0/type", "POST", "/v2/individuals", bad)
	// Unknown members are problems; those of free zones are not.
	c.refused(422, "unknown_field", "/individual/name/firstName", "POST", "/v2/individuals", `{"individual":{"name":{"familyName":"X","firstName":"Y"},"customAttributes":{"firstName":1}}}`)
	c.refused(422, "unknown_field", "/extra", "POST", "/v2/individuals", `{"individual":{"name":{"familyName":"X"}},"extra":1}`)
	c.refused(422, "required", "/individual", "POST", "/v2/individuals", `{}`)
	// What only the house knows comes back in the words of this surface.
	got := c.Call("POST", "/v2/individuals", `{"individual":{"name":{"givenName":"Ada"},"dateOfBirth":{"year":1990,"month":13},"emailAddresses":[{"email":"nobody"}],"alternateNames":[{"type":"NICK","familyName":"X"}]}}`)
	if got.Status != 422 {
		t.Fatalf("%d %s", got.Status, got.Raw)
	}
	for _, at := range []string{"/individual/name/familyName", "/individual/dateOfBirth/month", "/individual/emailAddresses/0/email", "/individual/alternateNames/0/type"} {
		if !strings.Contains(string(got.Raw), `"issueLocation":"`+at+`"`) {
			t.Errorf("nothing is said of %s: %s", at, got.Raw)
		}
	}
	for _, d := range got.List("details") {
		if at := d.(map[string]any)["issueLocation"].(string); strings.Contains(at, "_") {
			t.Errorf("%s is a word of the house", at)
		}
	}
	c.refused(422, "wrong_type", "/individual/addresses", "POST", "/v2/individuals", `{"individual":{"name":{"familyName":"X"},"addresses":{}}}`)
	c.refused(404, "not_found", "", "GET", "/v2/individuals/nobody", nil)
	c.refused(404, "not_found", "", "GET", "/v2/individuals/3fa85f64-5717-4562-b3fc-2c963f66afa6", nil)
	c.refused(422, "not_allowed", "/individual/documents", "PATCH", "/v2/individuals/"+c.adopt(named("Approve")), `{"individual":{"documents":{}}}`)
}

func TestDocumentsWithTheirFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	person := "/v2/individuals/" + c.adopt(named("Approve"))
	front := picture(t, 1)
	made := c.Must(201, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS", "primaryIdentifier": "N1234567", "expiryDate": "2099-01-31", "issueDate": "2020-01-31",
		"attachments": []any{map[string]any{"side": "FRONT", "filename": "front.png", "pageNumber": 1, "data": map[string]any{"base64": base64.StdEncoding.EncodeToString(front)}}}})
	has(t, "document", documentMembers, made.At("document"))
	has(t, "attachment", attachmentMembers, made.At("document.attachments.0"))
	for path, want := range map[string]any{"document.class": "IDENTITY", "document.attachments.0.mimeType": "image/png", "document.attachments.0.type": "PHOTO", "document.attachments.0.side": "FRONT",
		"document.attachments.0.filename": "front.png", "document.attachments.0.pageNumber": 1.0, "document.country": "AUS", "document.attachments.0.retrievalStatus": "EXCLUDED"} {
		if got := made.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	document := person + "/documents/" + made.Str("document.documentId")
	file := c.Call("GET", made.Str("document.attachments.0.data.uri"), nil)
	if file.Status != 200 || !bytes.Equal(file.Raw, front) || file.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v", file.Status, file.Header)
	}
	b.stranger.refused(404, "not_found", "", "GET", made.Str("document.attachments.0.data.uri"), nil)
	inline := c.Must(200, "GET", document+"?level=base64", nil)
	if raw, _ := base64.StdEncoding.DecodeString(inline.Str("document.attachments.0.data.base64")); !bytes.Equal(raw, front) || inline.Str("document.attachments.0.retrievalStatus") != "NORMAL" {
		t.Errorf("level=base64: %s", inline.Raw[:200])
	}
	// A photo that no JSON body holds is uploaded by itself.
	back := picture(t, 2)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", "back.png")
	_, _ = part.Write(back)
	_ = w.WriteField("side", "BACK")
	_ = w.Close()
	up := c.Send("POST", document+"/attachments", w.FormDataContentType(), &form)
	if up.Status != 201 || len(up.List("document.attachments")) != 2 || up.Str("document.attachments.1.side") != "BACK" || up.Str("document.attachments.1.filename") != "back.png" {
		t.Fatalf("%d %s", up.Status, up.Raw)
	}
	// What is no photo and no PDF is refused in the words of the form.
	var nonsense bytes.Buffer
	w = multipart.NewWriter(&nonsense)
	part, _ = w.CreateFormFile("file", "x.exe")
	_, _ = part.Write([]byte("MZ nothing"))
	_ = w.Close()
	if got := c.Send("POST", document+"/attachments", w.FormDataContentType(), &nonsense); got.Status < 400 || !strings.Contains(string(got.Raw), `"issueLocation":"/file"`) {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	// A change replaces, null removes.
	next := c.Must(200, "PATCH", document, `{"primaryIdentifier":"N7654321","issueDate":null,"supplementaryData":{"colour":"blue"}}`)
	if next.Str("document.primaryIdentifier") != "N7654321" || next.At("document.issueDate") != nil || next.Str("document.expiryDate") != "2099-01-31" {
		t.Errorf("%s", next.Raw)
	}
	if got := c.Must(200, "DELETE", document+"/attachments/"+up.Str("document.attachments.0.attachmentId"), nil); len(got.List("document.attachments")) != 1 {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "DELETE", person+"/attachments/"+up.Str("document.attachments.1.attachmentId"), nil); len(got.List("document.attachments")) != 0 {
		t.Errorf("%s", got.Raw)
	}
	c.refused(422, "country_code_invalid", "/country", "POST", person+"/documents", `{"type":"PASSPORT","country":"OZ"}`)
	c.refused(422, "format_invalid", "/attachments/0/data/base64", "POST", person+"/documents", `{"type":"PASSPORT","country":"AUS","attachments":[{"data":{"base64":"!!"}}]}`)
	c.refused(422, "required", "/country", "POST", person+"/documents", `{"type":"PASSPORT"}`)
	bad := c.Call("POST", person+"/documents", `{"type":"PASSPORT","country":"AUS","expiryDate":"tomorrow"}`)
	if bad.Status != 422 || !strings.Contains(string(bad.Raw), `"issueLocation":"/expiryDate"`) {
		t.Errorf("%d %s", bad.Status, bad.Raw)
	}
	c.Must(201, "POST", person+"/documents", `{"type":"UTILITY_BILL","country":"AUS"}`)
	all := c.Must(200, "GET", person+"/documents", nil)
	if len(all.List("documents.IDENTITY")) != 1 || len(all.List("documents.SUPPORTING")) != 1 || all.At("documents.REPORT") == nil {
		t.Errorf("%s", all.Raw)
	}
	c.Must(200, "DELETE", document, nil)
	c.refused(404, "not_found", "", "GET", document, nil)
}

func TestSearchFindsPeopleByAnything(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	want := c.adopt(ada)
	c.adopt(named("Somebody"))
	for name, body := range map[string]string{
		"name":      `{"individual":{"name":{"givenName":"ada","familyName":"APPROVE"}}}`,
		"mail":      `{"individual":{"emailAddresses":[{"email":"ADA@example.com"}]}}`,
		"phone":     `{"individual":{"phoneNumbers":[{"number":"+61 (412) 345-678"}]}}`,
		"document":  `{"individual":{"documents":[{"primaryIdentifier":"n 1234567","country":"AUS"}]}}`,
		"reference": `{"individual":{"externalReferences":[{"value":"customer-42"}]}}`,
		"id":        `{"individual":{"entityId":"` + want + `"}}`,
	} {
		got := c.Must(200, "POST", "/v2/search/serviceprofiles", body)
		if got.Str("matches.0.individual.entityId") != want || got.At("matches.0.confidence") == nil || len(got.List("matches.0.matchedFields")) == 0 {
			t.Errorf("by %s: %s", name, got.Raw)
		}
	}
	c.refused(422, "country_code_invalid", "/individual/documents/0/country", "POST", "/v2/search/serviceprofiles", `{"individual":{"documents":[{"primaryIdentifier":"N","country":"AU"}]}}`)
	c.refused(422, "invalid_id", "/individual/entityId", "POST", "/v2/search/serviceprofiles", `{"individual":{"entityId":"x"}}`)
	if got := c.Call("POST", "/v2/search/serviceprofiles", `{"individual":{}}`); got.Status != 422 || !strings.Contains(string(got.Raw), `"issueLocation":"/individual`) {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
}

func TestListsOfIndividualsComeInPages(t *testing.T) {
	t.Parallel()
	c := newBench(t).sandbox
	var ids []string
	for range 5 {
		ids = append(ids, c.adopt(named("Approve")))
	}
	slices.Sort(ids) // those of the same millisecond are in no order of their own
	page := func(query string) (out []string) {
		got := c.Must(200, "GET", "/v2/individuals?"+query, nil)
		if got.At("total") != 5.0 {
			t.Errorf("%s: %s", query, got.Raw)
		}
		for i := range got.List("individuals") {
			out = append(out, got.List("individuals")[i].(map[string]any)["entityId"].(string))
		}
		return out
	}
	if got := page("limit=2&page=3&sort=asc"); !slices.Equal(got, ids[4:]) {
		t.Errorf("%v", got)
	}
	if got := page("limit=2&sort=asc"); !slices.Equal(got, ids[:2]) {
		t.Errorf("%v", got)
	}
	slices.Reverse(ids)
	if got := page(""); !slices.Equal(got, ids) {
		t.Errorf("%v", got)
	}
	for query, at := range map[string]string{"limit=0": "/query/limit", "limit=501": "/query/limit", "page=0": "/query/page", "sort=up": "/query/sort", "createdAtBefore=yesterday": "/query/createdAtBefore"} {
		if got := c.Call("GET", "/v2/individuals?"+query, nil); got.Status != 400 || got.Str("errorCode") != "API-0400" || got.Str("details.0.issueLocation") != at {
			t.Errorf("%s: %d %s", query, got.Status, got.Raw)
		}
	}
}

func TestStrangersAndReadersAreToldInThisSurfacesWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for key, want := range map[string]string{"": "AUTH-0401", "bf_sandbox_wrong": "AUTH-0002"} {
		if got := b.client(t, key).Call("GET", "/v2/workflows", nil); got.Status != 401 || got.Str("errorCode") != want || got.Str("details.0.issueType") == "" {
			t.Errorf("%q: %d %s", key, got.Status, got.Raw)
		}
	}
	if got := b.reader.Call("POST", "/v2/individuals", named("Approve")); got.Status != 403 || got.Str("errorCode") != "API-0403" {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	if got := b.sandbox.Call("POST", "/v2/individuals", `{"individual":`); got.Status != 400 || got.Str("errorCode") != "API-0400" {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	// The caller's own request id is echoed as it is.
	got := b.sandbox.With("X-Request-Id", "REQ123456").Must(200, "GET", "/v2/workflows", nil)
	if got.Str("requestId") != "REQ123456" {
		t.Errorf("%s", got.Raw)
	}
	if got := b.sandbox.Must(200, "GET", "/v2/workflows", nil); len(got.Str("requestId")) != 26 {
		t.Errorf("%q is no ULID", got.Str("requestId"))
	}
}
