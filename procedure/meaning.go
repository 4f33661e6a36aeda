package procedure

import "strings"

// Meaning is one word of the wire and what it says.
type Meaning struct {
	Word, Text string
	// Machine is true for a status that the machine gives by itself; the others
	// are given by people only.
	Machine bool
}

// StatusMeanings are the fourteen statuses in the order of the seed (5.4).
func StatusMeanings() []Meaning {
	return []Meaning{
		{Unchecked, "Not run, no result. As an override it takes back the one before.", true},
		{InProgress, "Running.", true},
		{Review, "Finished; a person must look: a hit is unresolved, an issue is open, or the risk is high.", true},
		{Pass, "Finished: every required step has an answer and nothing speaks against the person.", true},
		{Fail, "Finished: a step that must pass did not, or a person refused a hit.", true},
		{Complete, "Finished; pass and fail do not apply.", false},
		{Incomplete, "Finished without everything: a step had nothing to look at, nothing was checked, or the execution was cancelled or ran out of time.", true},
		{NeedsApproval, "An approval is needed; run again afterwards.", false},
		{Approved, "Decided outside, usually by a person: yes.", false},
		{Rejected, "Decided outside, usually by a person: no.", false},
		{Blocked, "Could not be completed: a required step gave no answer (state ERROR), a list that blocks matched, or the risk is unacceptable. A person must look.", true},
		{Clear, "Monitoring: nothing was found.", true},
		{Urgent, "Monitoring: an unresolved entry of a sanctions list or of a list that blocks, or an unacceptable risk.", true},
		{Monitor, "Monitoring: something else that is new or open; keep watching and look.", true},
	}
}

// StatusesMarkdown is the table of statuses for the documentation.
func StatusesMarkdown() string {
	var b strings.Builder
	b.WriteString("| status | meaning | given by the machine |\n|---|---|---|\n")
	for _, m := range StatusMeanings() {
		by := "yes"
		if !m.Machine {
			by = "people only"
		}
		b.WriteString("| `" + m.Word + "` | " + m.Text + " | " + by + " |\n")
	}
	return b.String()
}

// effects say what the words of people do, in the order of ManualStatuses.
var effects = map[string]string{
	TruePositive: "the same person; resolves nothing", FalsePositive: "somebody else; resolved", TruePositiveAccept: "the same person, accepted; resolved",
	TruePositiveReject: "the same person, refused; resolved", Unknown: "nobody knows; resolves nothing", UnknownAccept: "nobody knows, accepted; resolved",
	UnknownReject: "nobody knows, refused; resolved", "CLEAR": "accepted", "REJECTED": "refused", "PASS": "accepted", "FAIL": "refused",
}

// ManualStatusesMarkdown is the table of manual statuses for the documentation.
func ManualStatusesMarkdown() string {
	var b strings.Builder
	b.WriteString("| results | manual status | effect |\n|---|---|---|\n")
	for _, kind := range Kinds() {
		for _, word := range ManualStatuses(kind) {
			effect := effects[word]
			switch {
			case kind == KindFraud && word == TruePositive:
				effect = "fraud; refused"
			case kind == KindFraud && word == FalsePositive:
				effect = "no fraud; accepted"
			case kind == KindDuplicate && word == FalsePositive:
				effect = "two people, keep both; resolved"
			case kind == KindDuplicate && word == TruePositiveAccept:
				effect = "one person, keep this record and mark the other a duplicate; resolved"
			case kind == KindDuplicate && word == TruePositiveReject:
				effect = "one person, keep the other record and mark this one; resolved"
			}
			b.WriteString("| `" + kind + "` | `" + word + "` | " + effect + " |\n")
		}
	}
	return b.String()
}

// StepTypesMarkdown is the table of step types with the checks they ask, for
// the documentation. Checks in brackets are asked when the configuration says so.
func StepTypesMarkdown() string {
	texts := map[string]string{
		TypeStart: "added where it is left out", TypeKYC: "electronic verification, or manual KYC that is in force", TypeAML: "sanctions, politically exposed persons, adverse media",
		TypeIDV: "documents and faces", TypeBlocklist: "the organisation's own lists, as MATCHLIST; only one of the two", TypeDuplicate: "other individuals with the same data",
		TypeDecision: "the decision; added where it is left out", TypeBranch: "chooses by conditions which steps run", TypeMonitorToggle: "switches monitoring; TOGGLE_MONITORING is the same",
		TypeOther: "the organisation's own server", TypeFinish: "added where it is left out", TypeMatchlist: "the organisation's own lists of individuals",
		TypeFraud: "risk of contacts and of the whole", TypeVisa: "a provider for visas", TypeActivity: "a provider for activity", TypeNameValidation: "whether the name can be one",
	}
	checks := map[string]string{TypeDecision: "`" + PolicyDecision + "`", TypeKYC: "`kyc_verification`", TypeAML: "`watchlist_screening`, (`aml_pep`), (`adverse_media`)",
		TypeIDV: "`document_ocr`, `document_expiration`, (`face_match`), (`liveness`)", TypeBlocklist: "`matchlist_screening`", TypeMatchlist: "`matchlist_screening`",
		TypeDuplicate: "`duplicate_detection`", TypeFraud: "(`email_risk`), (`phone_risk`), (`ip_risk`), (`risk_assessment`)", TypeVisa: "`visa_check`", TypeActivity: "`activity_check`",
		TypeNameValidation: "`name_validation`", TypeOther: "`http`"}
	var b strings.Builder
	b.WriteString("| type | what it is | checks |\n|---|---|---|\n")
	for _, kind := range StepTypes() {
		b.WriteString("| `" + kind + "` | " + texts[kind] + " | " + checks[kind] + " |\n")
	}
	return b.String()
}
