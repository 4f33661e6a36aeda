package walk

import (
	"strings"
	"testing"
)

// An administrator asks for skills in a queue that nobody has yet, is told so, and
// gives them to a reviewer, who could not take its case before and can now.
func TestSkillsOfReviewers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	id := waitingCase(t, s, "SANCTION")
	who := s.Orgs[0].SecondUser
	w, r := open(t, s, look{}), open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.toSandbox()
	w.goTo("/console/settings")
	w.press("#queues details:last-of-type summary")
	w.write("#queue-new-name", "identity")
	w.write("#queue-new-skills", "Arabic, edd")
	w.follow("#queues details[open] button[value=save]")
	if got := w.text("#queues .note.warn"); !strings.Contains(got, "Nobody who decides cases has arabic, edd") {
		t.Errorf("a queue that nobody can work on: %q", got)
	}
	w.axe()

	r.sandboxAs(who)
	r.goTo("/console/queue?queue=identity")
	if got := r.text("main"); !strings.Contains(got, "You cannot take cases of this queue: nobody here has arabic, edd.") || strings.Contains(got, "Take next") {
		t.Errorf("the queue: %q", got)
	}
	r.axe()
	r.goTo("/console/cases/" + id)
	if got := r.text(".decide"); !strings.Contains(got, "The queue identity asks for skills: nobody here has arabic, edd.") || strings.Contains(got, "Take the case") || strings.Contains(got, "Approve") {
		t.Errorf("the case: %q", got)
	}
	r.axe()

	w.goTo("/console/team")
	field := "#" + ask[string](w, `[...document.querySelectorAll("label")].find(l => l.textContent === "Skills of `+who.Email+`").htmlFor`)
	w.write(field, "edd, arabic")
	w.follow(field + " + button")
	if got := w.text(".note.good"); !strings.Contains(got, who.Email+" has these skills now: arabic, edd.") {
		t.Errorf("after giving skills: %q", got)
	}
	w.axe()
	w.fits()
	w.goTo("/console/settings")
	if ask[bool](w, `!!document.querySelector("#queues .note.warn")`) {
		t.Error("the settings warn although somebody has the skills")
	}

	r.goTo("/console/cases/" + id)
	r.follow(`.decide form[action$="/claim"] button`)
	if got := r.text(".note.good"); !strings.Contains(got, "The case is yours.") {
		t.Errorf("with the skills: %q", got)
	}
}
