package walk

import (
	"strings"
	"testing"
)

// Whoever builds a workflow reads at a check what this machine lacks for it and the
// command that installs it, as bonafide doctor and /readyz say it. Here no models are
// installed.
func TestTheStudioSaysWhatAMachineLacks(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := atStudio(t, s, look{})
	w.newWorkflow("Faces", "blank")
	w.node("start")
	w.piece("face_match")
	w.wait(`document.querySelector("[data-lacking=face_match] code") !== null`)
	w.both()
	const command = "bonafide models pull face_template"
	if got := w.text("[data-lacking=face_match]"); !strings.Contains(got, "cannot answer") || !strings.Contains(got, "face_template: the model is missing") || !strings.Contains(got, command) {
		t.Errorf("the form of the check says %q", got)
	}
	if got := ask[string](w, `document.querySelector(".palette [data-piece=face_match]").title`); !strings.Contains(got, command) {
		t.Errorf("the list of checks says %q", got)
	}
	w.piece("consent") // which works with nothing of the kind
	w.wait(`document.querySelector("[data-lacking]") === null`)
}
