package execution

import (
	"bonafide/check"
	"bonafide/kyc"
	"bonafide/procedure"
	"encoding/json"
	"time"
)

func standinCatalog() map[string]kyc.CheckSpec {
	c := check.Catalog()
	for _, n := range []string{"procedure_decision", "matchlist_screening", "kyc_verification", "name_validation", "visa_check", "activity_check"} {
		if _, ok := c[n]; !ok {
			c[n] = kyc.CheckSpec{Name: n, ConfigSchema: json.RawMessage(`{"type":"object"}`)}
		}
	}
	return c
}

func (b *bench) standin() {
	c := check.Catalog()
	if _, ok := c["procedure_decision"]; ok {
		return
	}
	b.say["matchlist_screening"] = func(kyc.CheckRequest) kyc.Answer { return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass} }
	b.say["procedure_decision"] = func(r kyc.CheckRequest) kyc.Answer {
		var cfg struct {
			Definition json.RawMessage `json:"definition"`
			Mandatory  []string        `json:"mandatory"`
		}
		_ = json.Unmarshal(r.Config, &cfg)
		d, err := procedure.Read(cfg.Definition)
		if err != nil {
			panic(err)
		}
		v := procedure.Judge(d, procedure.Facts{Checks: r.Checks, Fields: r.Fields, Country: r.Country, Extracted: r.Extracted, Established: r.Established, Mandatory: cfg.Mandatory}, r.Now, func() kyc.ID { return kyc.NewID(time.Now()) })
		a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Details: map[string]any{"state": v.State, "result": v.Result, "mandatory": cfg.Mandatory}, Reasons: v.Reasons}
		switch v.Result {
		case "PASS", "CLEAR", "COMPLETE":
			a.Verdict = kyc.Pass
		case "FAIL":
			a.Verdict = kyc.Fail
		}
		return a
	}
}
