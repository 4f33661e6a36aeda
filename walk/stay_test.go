package walk

import (
	"strings"
	"testing"
)

// staying makes the page's clock the test's: later(milliseconds) lets time go by and
// comes back to the window. While left is set, the page gets that answer to how long
// the sign-in lasts, because the server's clock goes on as it does.
const staying = `(() => {
	const now = Date.now, ask = window.fetch;
	let by = 0;
	Date.now = () => now() + by;
	window.asked = [];
	window.left = undefined;
	window.fetch = (to, how) => {
		if (to !== "/console/stay") return ask(to, how);
		asked.push(how.method);
		return left ? Promise.resolve(new Response(JSON.stringify(left))) : ask(to, how);
	};
	window.later = (ms) => { by += ms; window.dispatchEvent(new Event("focus")); };
})()`

// A page says before the sign-in ends that it will, goes on at one press, knows
// that who writes is there, and keeps what was written when it has ended.
func TestThePageSaysThatTheSignInEnds(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := open(t, s, look{})
	w.enter(s.Orgs[0].User)
	w.before(staying)
	w.goTo("/console/account")
	if ask[bool](w, `!document.getElementById("stay").hidden`) {
		t.Fatal("a fresh sign-in is said to end")
	}
	// said waits for one of the sentences, or for none.
	said := func(word string) string {
		t.Helper()
		if word == "" {
			w.wait(`document.getElementById("stay").hidden`)
			return ""
		}
		w.wait(`document.querySelector("#stay:not([hidden]) [data-word=` + word + `]:not([hidden])") !== null`)
		return w.text("#stay")
	}
	ask[any](w, `left = { idle: 90, all: 40000 }, later(28.5 * 60000), null`)
	if got := said("idle"); !strings.Contains(got, "signed out in about 2 minutes") || !strings.Contains(got, "Stay signed in") || strings.Contains(got, "You are signed out") {
		t.Errorf("the page says %q", got)
	}
	w.both()
	w.fits()

	// Whoever writes is there without pressing anything.
	w.press("#password")
	w.keys("not sent yet")
	ask[any](w, `left = undefined, later(0), null`)
	said("")
	if got := ask[string](w, `asked.join()`); got != "GET,POST" {
		t.Errorf("who writes: %s", got)
	}

	ask[any](w, `left = { idle: 90, all: 40000 }, later(28.5 * 60000), null`)
	said("idle")
	ask[any](w, `left = undefined, null`)
	w.press("#stay button")
	said("")
	if got := ask[string](w, `asked.at(-1)`); got != "POST" {
		t.Errorf("the button: %s", got)
	}

	// The end of the day cannot be put off.
	ask[any](w, `left = { idle: 1800, all: 60 }, later(31 * 60000), null`)
	if got := said("end"); !strings.Contains(got, "ends in about 1 minute") || strings.Contains(got, "Stay signed in") {
		t.Errorf("at the end of the day the page says %q", got)
	}

	ask[any](w, `left = undefined, fetch("/console/sign-out", { method: "POST" }).then(() => later(0)), null`)
	if got := said("over"); !strings.Contains(got, "You are signed out") || !strings.Contains(got, "sign in in another window") {
		t.Errorf("after the end the page says %q", got)
	}
	if got := ask[string](w, `document.querySelector("#password").value`); got != "not sent yet" {
		t.Errorf("what was written is gone: %q", got)
	}
}
