package office

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// A rule is read back as it was written into its form.
func TestWhatARulesFormMeans(t *testing.T) {
	t.Parallel()
	risk, priority := 50.5, 7
	list := []kyc.QueueRule{
		{Name: "High", Queue: "edd", RiskFrom: &risk, PriorityFrom: &priority, Workflows: []kyc.ID{"a", "b"}, Reasons: []string{"list_hit", "liveness"}, Countries: []string{"SY", "IQ"}, Subjects: []string{"company"}},
		{Name: "All", Queue: "default"}}
	forms := ruleForms(list)
	if len(forms) != 3 || forms[2].Old != "" || forms[2].Key != "new" || !forms[0].First || forms[0].Last || !forms[1].Last || forms[1].Place != 2 {
		t.Fatalf("the forms are %+v", forms)
	}
	for i, r := range list {
		got, problems := forms[i].rule()
		if len(problems) > 0 || got.Name != r.Name || got.Queue != r.Queue || !slices.Equal(got.Reasons, r.Reasons) || !slices.Equal(got.Countries, r.Countries) || !slices.Equal(got.Subjects, r.Subjects) ||
			(got.RiskFrom == nil) != (r.RiskFrom == nil) || got.RiskFrom != nil && *got.RiskFrom != risk || (got.PriorityFrom == nil) != (r.PriorityFrom == nil) || got.PriorityFrom != nil && *got.PriorityFrom != priority {
			t.Errorf("%s: %+v %+v", r.Name, got, problems)
		}
		for j, w := range got.Workflows {
			if id, ok := kyc.Undress("workflow", string(w)); ok && id != r.Workflows[j] || len(got.Workflows) != len(r.Workflows) {
				t.Errorf("%s: workflows %v", r.Name, got.Workflows)
			}
		}
	}
	f := forms[0]
	f.offer([]kyc.ReviewQueue{{Name: "mena"}}, []kyc.Workflow{{Meta: kyc.Meta{ID: "a"}, Name: "Accounts"}, {Meta: kyc.Meta{ID: "c"}, Name: "Cards"}})
	if want := []choice{{"default", "default", false}, {"mena", "mena", false}, {"edd", "edd", true}}; !slices.Equal(f.Queues, want) {
		t.Errorf("queues to choose from: %+v", f.Queues)
	}
	if want := []choice{{"workflow_a", "Accounts", true}, {"workflow_c", "Cards", false}, {"workflow_b", "workflow_b", true}}; !slices.Equal(f.Workflows, want) {
		t.Errorf("workflows to choose from: %+v", f.Workflows)
	}
	wrong := ruleForm{Risk: "much", Priority: "1.5"}
	if _, problems := wrong.rule(); len(problems) != 2 {
		t.Errorf("two fields are wrong: %+v", problems)
	}
	for _, none := range []string{"NaN", "+Inf", "1e999"} {
		if _, problems := (&ruleForm{Risk: none}).rule(); len(problems) != 1 {
			t.Errorf("a risk of %s: %+v", none, problems)
		}
	}
	if got := rename(list, "edd", "edd 2"); got[0].Queue != "edd 2" || got[1].Queue != "default" || list[0].Queue != "edd" {
		t.Errorf("after a queue's new name: %+v", got)
	}
}
