package office

import (
	"net/url"
	"reflect"
	"testing"

	"bonafide/insight"
	"bonafide/kyc"
)

// Shares are read back from the form as they were, and nothing written is nothing
// said.
func TestSharesOfQualityChecksAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	none, some := 0.0, 12.5
	for name, q := range map[string]*kyc.QualityShares{"nothing": nil, "all alike": {Share: 5}, "each its own": {Share: 0, Approvals: &none, Rejections: &some}} {
		f := qualityFormOf(q)
		got, problems := f.shares("/quality")
		if len(problems) > 0 || !reflect.DeepEqual(got, q) {
			t.Errorf("%s: %+v is read back as %+v, %+v", name, q, got, problems)
		}
	}
	for _, f := range []qualityForm{{Share: "many"}, {Share: "NaN"}, {Share: "Inf"}, {Rejections: "5"}} {
		if _, problems := f.shares("/quality"); len(problems) != 1 {
			t.Errorf("%+v: %+v", f, problems)
		}
	}
}

// The form of the environment says 0 where it says nothing, and keeps what was
// written when it cannot be taken.
func TestTheFormOfQualityChecks(t *testing.T) {
	t.Parallel()
	five := 5.0
	for text, want := range map[string]kyc.QualityShares{"": {}, "quality_share=10": {Share: 10}, "quality_rejections=5": {Rejections: &five}} {
		form, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		body, _, problems := settingsBody("quality", form.Get)
		if got := body["quality"].(*kyc.QualityShares); len(problems) > 0 || !reflect.DeepEqual(*got, want) {
			t.Errorf("%q: %+v %+v", text, got, problems)
		}
	}
	_, put, problems := settingsBody("quality", url.Values{"quality_share": {"half"}}.Get)
	var p settingsPage
	put(&p)
	if len(problems) != 1 || p.Quality.Share != "half" {
		t.Errorf("what cannot be taken: %+v %+v", problems, p.Quality)
	}
}

// Who may not see how others' cases were checked sees the row of their own alone.
func TestAReviewerSeesTheirOwnFiguresOnly(t *testing.T) {
	t.Parallel()
	q := &insight.Quality{Queues: []insight.QualityRow{{Name: "q", Drawn: 2}}, Reviewers: []insight.QualityRow{{Name: "u1", Drawn: 1, Pairs: [2][2]int{{0, 1}, {0, 0}}}, {Name: "u2", Drawn: 5}, {Name: "Ada@example.org", Drawn: 3}}}
	own := qualityFigures(q, nil, false, "u1", "ada@example.org")
	if len(own) != 1 || own[0].ID != "quality-reviewers" || len(own[0].Rows) != 2 || own[0].Rows[0][0] != "u1" || own[0].Rows[1][0] != "Ada@example.org" {
		t.Errorf("own figures: %+v", own)
	}
	if want := []string{"u1", "1", "0", "0", "1", "0", "1", "0.0 %", "0.0 to 79.3 %", "0.00"}; !reflect.DeepEqual(own[0].Rows[0], want) {
		t.Errorf("a row is %q, want %q", own[0].Rows[0], want)
	}
	if all := qualityFigures(q, nil, true); len(all) != 3 || len(all[0].Rows) != 3 {
		t.Errorf("all figures: %+v", all)
	}
}
