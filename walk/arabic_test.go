package walk

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// What an applicant sees on the ways beside the straight one reads from right to left
// in Arabic as well: the link of another device, the picture before it is sent and
// after, and a link that has ended.
func TestArabicBesideTheStraightWay(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, link := graphLink(t, s, `{"document_front":true,"user_info":{"first_name":true}}`)
	first := open(t, s, look{Phone: true, Language: "ar"})
	first.goTo(link)
	first.follow("main form button")
	first.agree()
	first.goTo(link + "/phone")
	code := get(first, chromedp.Value(chromedp.CSS("#link")))
	other := open(t, s, look{Phone: true, Language: "ar"})
	other.forgive("404")
	other.goTo(code)
	other.langFits("ar", true)
	if got := ask[string](other, `document.querySelector("main").dataset.page`); got != "join" {
		t.Errorf("the code for another device shows the page %q", got)
	}
	other.goTo("/capture/nonsense")
	other.langFits("ar", true)
	// Of a link that nobody knows, nobody can be asked, and it is valid no longer.
	if got := other.text("footer"); strings.Contains(got, "الرابط") || strings.Contains(got, "رابطك") || strings.Contains(got, "أسئلة") {
		t.Errorf("the foot of a link that is unknown says %q", got)
	}

	_, link = session(t, s, s.Orgs[0].SandboxKey, everything)
	w := open(t, s, look{Phone: true, Language: "ar", Film: film(t, 640, 480, 6, crisp)})
	w.goTo(link)
	w.agree()
	w.at("/steps/papers")
	// The author's title comes first, on the right, and the side of the document after it.
	if wrong := ask[bool](w, `(() => { const it = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT); let n, seen = false, wrong = false;
		while ((n = it.nextNode())) { const at = n.textContent.indexOf("Passport or card"), side = n.textContent.indexOf("الوجه");
			if (at < 0 || side < 0) continue;
			const box = i => { const r = document.createRange(); r.setStart(n, i); r.setEnd(n, i + 1); return r.getClientRects()[0] };
			seen = true; if (box(at).top === box(side).top && box(at).left < box(side).left) wrong = true }
		return wrong || !seen })()`); wrong {
		t.Error("the side of a document stands before its title")
	}
	w.follow("main ul a.button")
	w.pick("#country", "NL")
	w.press("input[value=id_card]")
	w.follow("main form button")
	w.wait(`!document.querySelector("[data-look]").hidden && document.querySelector("[data-shot]").naturalWidth > 0`)
	w.langFits("ar", true)
	w.shoot()
	w.at("/files/id.back")

	_, link = session(t, s, s.Orgs[0].SandboxKey, everything)
	plain := open(t, s, look{Phone: true, Language: "ar", NoScript: true})
	plain.goTo(link)
	plain.press("#consent-processing")
	plain.press("#consent-biometrics")
	plain.follow("main form button")
	plain.follow("main ul a.button")
	plain.pick("#country", "NL")
	plain.press("input[value=id_card]")
	plain.follow("main form button")
	plain.press("summary")
	plain.attach("#file", photograph(t))
	plain.follow("[data-upload] button")
	plain.langFits("ar", false)
}
