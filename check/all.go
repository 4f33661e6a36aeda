package check

import "bonafide/kyc"

// All is the menu, in the order of the documentation.
func All(d Deps) []Check {
	if d.Clock == nil {
		d.Clock = kyc.SystemClock()
	}
	return []Check{
		documentOCR(d),
		faceMatch(d),
		liveness(d),
		nfcChipAuth(d),
		documentFraud(d),
		ageEstimation(d),
		additionalIDs(d),
		documentExpiration(),
		idDocumentFilter(),
		proofOfAddress(d),
		documentSet(d),
		crossValidation(),
		ageCheck(),
		identityCrossref(),
		watchlistScreening(d),
		amlPEP(d),
		adverseMedia(d),
		walletScreening(d),
		checkAgainstList(d),
		duplicateDetection(d),
		faceDedup(d),
		emailRisk(),
		phoneRisk(),
		ipRisk(),
		consent(),
		riskAssessment(),
		httpCheck(d),
		relatedParties(d),
		automationRules(),
		checklistOutcome(),
		kycVerification(d),
		matchlistScreening(d),
		nameValidation(),
		visaCheck(d),
		activityCheck(d),
		procedureDecision(),
	}
}

// Catalog gives the Spec of every check by name, for the compiler of graphs
// and for GET /api/v1/workflows/policies.
func Catalog() map[string]kyc.CheckSpec {
	out := map[string]kyc.CheckSpec{}
	for _, c := range All(Deps{}) {
		out[c.Spec.Name] = c.Spec
	}
	return out
}

// Specs gives the same in the menu's order.
func Specs() []kyc.CheckSpec {
	all := All(Deps{})
	out := make([]kyc.CheckSpec, len(all))
	for i, c := range all {
		out[i] = c.Spec
	}
	return out
}
