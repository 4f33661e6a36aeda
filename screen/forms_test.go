package screen

import (
	"fmt"
	"strings"
	"testing"

	"bonafide/roster"
)

// nameForms are invented listed names with the forms in which papers, forms and
// people write them. Each of the forms must be an alert at the default threshold.
var nameForms = []struct {
	kind   roster.EntityType
	listed string
	forms  string // parted by |
}{
	{"person", "QUIROVANA MESTALLES, Fabricio Leandro", "Fabricio Leandro Quirovana|Fabricio Leandro Quirovana Mestalles|QUIROVANA FABRICIO"},
	{"person", "AL-QUMRAZI, Muhammad Idris Abd al-Rahman", "Mohammed Idris Abdulrahman Alqumrazi|Mohd Idris Abdel Rahman El Kumrazi|Mohamed Idriss Abderrahmane Al Qomrazi|Muhammad Idris Abdur Rahman al-Qumrazi"},
	{"person", "SHAMS AL-DIN, Yahya Barakat", "Yahya Barakat Shamsuddin|Yahya Barakat Shams ud-Din"},
	{"person", "Jamaluddin Barakatov", "Jamal al-Din Barakatov|Jamal Uddin Barakatov|Djamaleddine Barakatov"},
	{"person", "ZHAO, Wenshuo", "Wen Shuo Zhao|Wen-Shuo ZHAO|赵文硕|趙文碩"},
	{"person", "RI, Chol Min", "Ri Chol-min|리철민|이철민"},
	{"person", "PAK, Kyong Su", "Park Kyung Soo|박경수"},
	{"person", "NGUYEN, Van Dung", "Nguyễn Văn Dũng|Dung Van Nguyen"},
	{"person", "DO, Van An", "Do Van An|Đỗ Văn An|An Van Do"},
	{"person", "SYED, Amir", "Syed Amir|Amir Sayed"},
	{"person", "Sutarmonegoro", "FNU Sutarmonegoro|Sutarmonegoro LNU|Sutarmonegoro Sutarmonegoro|Bapak Sutarmonegoro"},
	{"person", "ÖZGÜRLÜOĞLU, İsmail Çağrı", "OEZGUERLUEOGLU ISMAIL CAGRI|Ismail Cagri Ozgurluoglu|ismail çağri özgürlüoglu"},
	{"person", "BARLOCHER, Jurgen", "Jürgen Bärlöcher|JUERGEN BAERLOECHER"},
	{"person", "ASGARDEN, Soren", "SOEREN AASGAARDEN|Søren Åsgården"},
	{"person", "da SILVEIRANO e SOUZA, João Carlos", "João Souza|Joao Carlos Silveirano Souza"},
	{"person", "PETROVSKAYA, Liudmila", "Liudmila Hartmann née Petrovskaya|Liudmila Hartmann-Petrovskaya|Liudmila Hartmann geb. Petrovskaya|Liudmila Hartmann (Petrovskaya)"},
	{"person", "KHAN, Gulbadin Zaroor", "Gulbadin Zaroor Khan S/O Mirwais Jan|Gulbadin Zaroor Khan son of Mirwais"},
	{"person", "STELLENBERG, Otto Wilhelm", "Prof. Dr. Otto Wilhelm Stellenberg|Dipl.-Ing. Otto Stellenberg|Gen. (Ret.) Otto W. Stellenberg|Sir Otto Stellenberg KBE|STELLENBERG<<OTTO<WILHELM<<<<|0TT0 W1LHELM STELLENBERG|" +
		"Оttо Wilhеlm Stеllеnbеrg|ⓄⓉⓉⓄ ⓌⒾⓁⒽⒺⓁⓂ ⓈⓉⒺⓁⓁⒺⓃⒷⒺⓇⒼ|OTTOWILHELM STELLENBERG|O t t o  W i l h e l m  S t e l l e n b e r g|Somebody Else @ Otto Wilhelm Stellenberg"},
	{"entity", "VEKTRAMASH LLC", "Общество с ограниченной ответственностью «Вектрамаш»|ООО «ВЕКТРАМАШ»"},
	{"entity", "HUASHUOWEN CO., LTD.", "华硕文有限公司"},
	{"entity", "BRIGHT HARBOR SHIPPING COMPANY LIMITED", "Bright Harbor Shipping Ltd t/a Harbor Lines|BrightHarbor Shipping Co|Bright Harbour Shipping Compañía Ltd"},
	{"entity", "QUIROVANA BRIGADE 27", "27th Quirovana Brigade"},
	{"entity", "NO. 5 QUIROVANA FACTORY", "Quirovana Factory Number 5"},
	{"vessel", "MEERSTERNAL", "M/V Meersternal|MV MEERSTERNAL|Meersternal IMO 9111222|MEERSTERNAL (IMO: 9111222)"},
}

// TestFormsOfNamesAreFound goes through nameForms on one list, so that each listed
// name also stands beside all others.
func TestFormsOfNamesAreFound(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	var list strings.Builder
	list.WriteString("id,name,type,identifiers\n")
	for i, f := range nameForms {
		fmt.Fprintf(&list, "F%d,\"%s\",%s,\n", i, f.listed, f.kind)
	}
	list.WriteString("HULL,OTHERNAMED,vessel,imo:9333444\n")
	mustImport(t, s, "csv", "forms", writeTemp(t, "forms.csv", list.String()))
	for i, f := range nameForms {
		for form := range strings.SplitSeq(f.forms, "|") {
			h, ok := top(s, Query{Name: form, Type: f.kind, Threshold: DefaultThreshold})
			if id := fmt.Sprintf("F%d", i); !ok || h.EntryID != id {
				got, _ := top(s, Query{Name: form, Type: f.kind})
				t.Errorf("%q is not found as %q; the best is\n%s", form, f.listed, Explain(got))
			}
		}
	}
	// A ship under another name is found by the number beside it.
	if h, ok := top(s, Query{Name: "Meerwind, IMO No. 9333444", Threshold: DefaultThreshold}); !ok || h.EntryID != "HULL" {
		t.Errorf("by its number: %v", h)
	}
	for _, name := range []string{
		"Otto Stellman", "Liudmila Hartmann", "Mirwais Jan", "Amir Khan", "Syed Ahmad", "Jamal Barakat", "Rahman Idris", "Harbor Lines", "26th Quirovana Brigade", "Wilhelm Otto", "Van Do Le",
		"FNU LNU", "Fabricio Mestre", "Meerwind IMO 9333445",
	} {
		if h, ok := top(s, Query{Name: name, Threshold: DefaultThreshold}); ok {
			t.Errorf("%q raised an alert:\n%s", name, Explain(h))
		}
	}
}

// TestRealNamesAreFoundInOtherWriting writes the persons of the OFAC and the UN list
// in ways that no benchmark has, and finds nearly all of them: least is the share.
func TestRealNamesAreFoundInOtherWriting(t *testing.T) {
	if testing.Short() {
		t.Skip("many queries")
	}
	t.Parallel()
	s := realLists(t)
	ways := map[string]struct {
		least float64
		write func(name string) string
	}{
		"with Cyrillic letters": {0.99, strings.NewReplacer("a", "а", "e", "е", "o", "о", "A", "А", "E", "Е", "O", "О").Replace},
		"letter by letter": {0.93, func(name string) string {
			return strings.Join(strings.Split(strings.ReplaceAll(name, " ", "  "), ""), " ")
		}},
		"with titles":          {0.99, func(name string) string { return "Dr. " + name + ", MBA" }},
		"zeros for O":          {0.90, strings.NewReplacer("O", "0", "o", "0").Replace},
		"with hyphens":         {0.99, func(name string) string { return strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-") }},
		"with an alias before": {0.97, func(name string) string { return "Xanthippe Quorlstad a.k.a. " + name }},
	}
	for what, w := range ways {
		asked, found := 0, 0
		for _, list := range []string{"ofac", "un"} {
			x := s.state.Load().lists[list].index
			for i := 0; i < x.size(); i += max(1, x.size()/300) {
				e := x.entity(uint32(i))
				name := w.write(e.Names[0].Text)
				if e.Type != roster.TypePerson || name == e.Names[0].Text || len(strings.Fields(e.Names[0].Text)) < 2 {
					continue
				}
				asked++
				for _, h := range s.Match(Query{Name: name, Type: e.Type, Lists: []string{list}, Limit: 50, Threshold: DefaultThreshold}).Hits {
					if h.EntryID == e.ID {
						found++
						break
					}
				}
			}
		}
		if share := float64(found) / float64(max(asked, 1)); asked < 100 || share < w.least {
			t.Errorf("%s: %d of %d are found (%.3f), at least %.2f", what, found, asked, share, w.least)
		} else {
			t.Logf("%s: %d of %d", what, found, asked)
		}
	}
}
