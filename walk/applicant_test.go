package walk

import (
	"testing"
)

// everything is a workflow with a step of each kind and a field of each type.
const everything = `{"name":"Account opening","steps":[
 {"step_id":"papers","order":1,"name":"Your document","type":"document_upload","instructions":"We need one document with your photo.","document_requirements":[
   {"document_type":"id","display_name":"Passport or card","required":true,"post_upload_validations":[{"type":"country_in","params":{"countries":["NL","DE","FR"]}}]},
   {"document_type":"proof_of_address","display_name":"Proof of your address","required":false}]},
 {"step_id":"details","order":2,"name":"About you","type":"form_fill","custom_fields":[
   {"field_id":"full_name","name":"Full name","type":"name","name_type":"individual","parts":true,"required":true},
   {"field_id":"job","name":"Your work","type":"text","placeholder":"Baker","help_text":"What you do most days."},
   {"field_id":"story","name":"Where does the money come from?","type":"text","multiline":true},
   {"field_id":"income","name":"Income","type":"number","min_value":0,"unit":"EUR"},
   {"field_id":"birth","name":"Date of birth","type":"date","max_date":"today","min_age_years":18,"required":true},
   {"field_id":"pep","name":"Do you hold a public office?","type":"boolean","required":true},
   {"field_id":"office","name":"Which office?","type":"text","required":true,"conditional_logic":{"action":"show","conditions":[{"field_id":"pep","operator":"is_true"}]}},
   {"field_id":"terms","name":"I accept the terms","type":"boolean","must_be_true":true,"required":true},
   {"field_id":"purpose","name":"Purpose","type":"select","options":["salary","savings",{"value":"trade","label":"Buying and selling"}],"allow_other":true,"required":true},
   {"field_id":"products","name":"Products","type":"select","multiple":true,"options":["account","card","loan"]},
   {"field_id":"branch","name":"Branch","type":"select","options":["a","b","c","d","e","f","g","h"]},
   {"field_id":"paper","name":"Payslip","type":"file","accept":["image/*","application/pdf"]},
   {"field_id":"mail","name":"E-mail address","type":"email","required":true},
   {"field_id":"phone","name":"Phone number","type":"phone"},
   {"field_id":"site","name":"Web page","type":"url"},
   {"field_id":"nation","name":"Nationality","type":"country","country_type":"nationality","required":true},
   {"field_id":"wallet","name":"Wallet","type":"wallet"},
   {"field_id":"domain","name":"Domain","type":"domain"},
   {"field_id":"turnover","name":"Payments","type":"volume","currency":"EUR","period":"monthly"},
   {"field_id":"home","name":"Home address","type":"address"},
   {"field_id":"owners","name":"Co-owners","type":"entity_array","max_items":3,"item_fields":[{"field_id":"who","name":"Name","type":"name","name_type":"individual"}]},
   {"field_id":"shops","name":"Shops","type":"sub_merchants","max_items":2},
   {"field_id":"firm","name":"Employer","type":"object","fields":[{"field_id":"city","name":"Town","type":"text"}]}]},
 {"step_id":"face","order":3,"name":"A picture of you","type":"selfie"},
 {"step_id":"live","order":4,"name":"Face check","type":"liveness","liveness_config":{"challenge_type":"FaceMovementAndLightChallenge"}},
 {"step_id":"last","order":5,"name":"One more thing","type":"form_fill","required":false,"custom_fields":[{"field_id":"note","name":"Anything to add?","type":"text"}]}],
 "validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`

// fillEverything answers the long form.
func (w *window) fillEverything() {
	w.t.Helper()
	w.set("[name='f.full_name.given']", "Ada") // over what the document told
	w.set("[name='f.full_name.family']", "Approve")
	w.set("[name='f.birth']", "1990-05-17")
	w.press("[name='f.pep'][value=false]")
	w.press("[name='f.terms']")
	w.press("[name='f.purpose'][value=trade]")
	w.press("[name='f.products'][value=card]")
	w.write("[name='f.mail']", "ada@example.com")
	w.pick("[name='f.nation']", "NL")
	w.write("[name='f.home.line1']", "Main Street 1")
	w.write("[name='f.home.city']", "Utrecht")
	w.write("[name='f.home.postal_code']", "3511 AA")
	w.pick("[name='f.home.country']", "NL")
}

func TestAnApplicantWithoutScripts(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id, link := session(t, s, s.Orgs[0].SandboxKey, everything)
	picture := photograph(t)
	w := open(t, s, look{Phone: true, NoScript: true})
	w.goTo(link)
	w.shows("Acme")
	w.forgive("422")
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.shows("Your document")

	// The document: which one, the file, a look at it.
	w.follow("main ul a.button")
	w.pick("#country", "NL")
	w.press("input[value=id_card]")
	w.follow("main form button")
	w.press("summary")
	w.attach("#file", picture)
	w.follow("[data-upload] button")
	w.shows("Please check your picture")
	w.picture("capture-sent")
	w.follow("main a.button")
	w.shows("Identity card, back")
	w.follow("main form button")

	// The form, first with too little.
	w.shows("About you")
	w.attach("[name='f.paper.new']", picture)
	w.follow("form .actions button")
	w.shows("Please look at")
	w.fillEverything()
	w.follow("form .actions button")
	w.shows("A picture of you")
	w.press("summary")
	w.attach("#file", picture)
	w.follow("[data-upload] button")
	w.follow("main form button")

	// In the sandbox the face check needs no camera.
	w.shows("Face check")
	w.follow("form[action$='/liveness'] button")
	w.shows("Anything to add?")
	w.write("[name='f.note']", "No, thank you")
	w.follow("form .actions button")
	w.shows("Check your answers")
	for _, text := range []string{"Ada Approve", "Buying and selling", "Netherlands", "No, thank you", "card.jpg", "Main Street 1, Utrecht"} {
		w.shows(text)
	}
	w.follow("button[name=back]")
	w.follow("form .actions button")
	w.follow("button[name=send]")
	w.at("/status")
	got := s.call(t, s.Orgs[0].SandboxKey, "GET", "/kyc/sessions/"+id, "")
	if got["status"] != "approved" && got["status"] != "processing" {
		t.Errorf("the session is %v", got["status"])
	}
	if list, _ := got["consents"].([]any); len(list) != 2 {
		t.Errorf("the consents are %v", got["consents"])
	}
}
