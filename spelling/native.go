package spelling

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Firms bear their legal form in their own script. Romanised letter by letter it
// would be a word like a name; here each is the form that it stands for.

// nativePhrases are legal forms as they are written in Arabic and Persian, Hebrew,
// Greek, Armenian, Georgian and Thai, by the key of their first word, the longest
// first.
var nativePhrases = nativeTable(
	"llc شركة ذات مسؤولية محدودة|llc ذات المسؤولية المحدودة|llc ذات مسؤولية محدودة|llc المسؤولية المحدودة|llc با مسئولیت محدود|llc ش ذ م م|llc ذ م م|llc ش م م|" +
		"jsc شركة مساهمة عامة|jsc شركة مساهمة|jsc مساهمة عامة|jsc مساهمة مقفلة|jsc المساهمة العامة|jsc سهامی خاص|jsc سهامی عام|jsc ش م ع|jsc ش م ك|jsc ش م ب|jsc ش م ق|sa ش م ل|" +
		"ltd المحدودة|ltd محدودة|ltd المحدوده|ltd محدود|ltd لیمیتد|ltd ليميتد|ltd لیمتد|ltd ليمتد|ltd لمتد|co شركة|co الشركة|co شرکت|co کمپنی|co كمبني|co وشركاه|co وشركاؤه|" +
		"ltd בעמ|co חברה|co חברת|co ושות|" +
		"sa ανώνυμη εταιρεία|sa ανώνυμη εταιρία|sa ανώνυμος εταιρεία|sa ανώνυμος εταιρία|sa α ε|sa αε|sa α β ε ε|sa αβεε|sa α ε β ε|sa αεβε|sa α ε ε|sa ανώνυμη ναυτιλιακή εταιρεία|" +
		"ltd εταιρεία περιορισμένης ευθύνης|ltd εταιρία περιορισμένης ευθύνης|ltd περιορισμένης ευθύνης|ltd ε π ε|ltd επε|ltd μονοπρόσωπη επε|ltd μονοπρόσωπη ε π ε|ltd μεπε|" +
		"llc ιδιωτική κεφαλαιουχική εταιρεία|llc ι κ ε|llc ικε|lp ετερόρρυθμη εταιρεία|lp ετερόρρυθμη εταιρία|lp ε ε|lp ομόρρυθμη εταιρεία|lp ομόρρυθμη εταιρία|lp ο ε|co εταιρεία|co εταιρία|co εταιρείας|" +
		"llc սահմանափակ պատասխանատվությամբ ընկերություն|llc սպը|jsc փակ բաժնետիրական ընկերություն|jsc բաց բաժնետիրական ընկերություն|jsc փբը|jsc բբը|co ընկերություն|" +
		"llc შეზღუდული პასუხისმგებლობის საზოგადოება|llc შპს|jsc სააქციო საზოგადოება|jsc სს|co კომპანია|" +
		"plc จำกัด มหาชน|ltd จำกัด|plc มหาชน|co บริษัท|lp ห้างหุ้นส่วนจำกัด|lp ห้างหุ้นส่วน")

// nativeAffixes are those that stand without a space before or behind the name, in
// Thai, each before its form.
var nativeAffixes = struct{ before, behind []string }{
	before: []string{norm.NFKC.String("ห้างหุ้นส่วนจำกัด"), "lp", norm.NFKC.String("ห้างหุ้นส่วน"), "lp", norm.NFKC.String("บริษัท"), "co"},
	behind: []string{norm.NFKC.String("จำกัด"), "ltd"},
}

// nativePhrase is a legal form of one word or more.
type nativePhrase struct {
	words []string // keys, after the first
	form  string
}

func nativeTable(text string) map[string][]nativePhrase {
	t := map[string][]nativePhrase{}
	for row := range strings.SplitSeq(text, "|") {
		words := strings.Fields(row)
		for i := range words[1:] {
			words[1+i] = nativeKey([]rune(words[1+i]))
		}
		t[words[1]] = append(t[words[1]], nativePhrase{words: words[2:], form: words[0]})
	}
	for _, rows := range t {
		slices.SortStableFunc(rows, func(a, b nativePhrase) int { return len(b.words) - len(a.words) })
	}
	return t
}

// nativeScript reports whether a word is of a script of nativePhrases.
func nativeScript(r rune) bool {
	switch scriptOf(r) {
	case scriptGreek, scriptArmenian, scriptHebrew, scriptArabic, scriptGeorgian:
		return true
	}
	return thai(r)
}

func thai(r rune) bool { return r >= 0xe00 && r < 0xe80 }

// nativeKey is a word without marks, in small letters, with the letters of one that
// are written in several ways made one.
func nativeKey(word []rune) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(string(word))) {
		switch r {
		case 'ς':
			r = 'σ'
		case 'ي', 'ى':
			r = 'ی'
		case 'ك':
			r = 'ک'
		case 'ـ', geresh, '\u200c':
			continue
		}
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// writtenWord is a word of a name as it stands there.
type writtenWord struct {
	runes []rune
	orig  string
}

// nativeForm is the legal form that begins at a word, and how many words it takes; 0
// where none does. Letters alone are one behind a name only: before it they are
// initials.
func nativeForm(words []writtenWord, at int) (form Token, n int) {
	first := words[at]
	if !nativeScript(first.runes[0]) {
		return form, 0
	}
	for _, p := range nativePhrases[nativeKey(first.runes)] {
		n = 1 + len(p.words)
		if at+n > len(words) || at == 0 && len(first.runes) == 1 ||
			!slices.EqualFunc(words[at+1:at+n], p.words, func(w writtenWord, key string) bool { return nativeKey(w.runes) == key }) {
			continue
		}
		orig := first.orig
		for _, w := range words[at+1 : at+n] {
			orig += " " + w.orig
		}
		return Token{Text: p.form, Kind: KindLegal, Orig: orig}, n
	}
	return form, 0
}

// cutAffixes cuts the forms off a word that stand there without a space; they are
// empty where there are none.
func cutAffixes(word []rune) (before string, rest []rune, behind string) {
	if !thai(word[0]) {
		return "", word, ""
	}
	text := string(word)
	for i := 0; i < len(nativeAffixes.before) && before == ""; i += 2 {
		if cut, ok := strings.CutPrefix(text, nativeAffixes.before[i]); ok && cut != "" {
			before, text = nativeAffixes.before[i+1], cut
		}
	}
	for i := 0; i < len(nativeAffixes.behind) && behind == ""; i += 2 {
		if cut, ok := strings.CutSuffix(text, nativeAffixes.behind[i]); ok && cut != "" {
			behind, text = nativeAffixes.behind[i+1], cut
		}
	}
	return before, []rune(text), behind
}

// romaniseWords makes tokens of the words of a name.
func romaniseWords(words []writtenWord, way reading) []Token {
	var out []Token
	legal := func(form, orig string) {
		if form != "" && len(out) < MaxTokens {
			out = append(out, Token{Text: form, Kind: KindLegal, Orig: orig})
		}
	}
	for at := 0; at < len(words) && len(out) < MaxTokens; {
		w := words[at]
		if w.runes[0] == '&' {
			out = append(out, Token{Text: "and", Orig: "&"})
			at++
			continue
		}
		if form, n := nativeForm(words, at); n > 0 {
			out = append(out, form)
			at += n
			continue
		}
		before, rest, behind := cutAffixes(w.runes)
		legal(before, w.orig)
		out = appendWord(out, rest, w.orig, way)
		legal(behind, w.orig)
		at++
	}
	return out
}

// nativeGenerics are words of firms and bodies that prove little about who is meant,
// by the English word that lists have in translated names.
var nativeGenerics = genericTable(
	"trading تجارة تجارية تجاري بازرگانی تجارت εμπορική εμπορία εμπόριο εμπορίας מסחר סחר առեւտրային|industry صناعة صناعات صناعية صناعي صنایع صنعتی صنعت βιομηχανία βιομηχανίες βιομηχανική βιομηχανιών תעשיות תעשייה|" +
		"transport نقل حمل حملونقل ترابری μεταφορές μεταφορική μεταφορών הובלה תובלה|shipping شحن ملاحة کشتیرانی ναυτιλιακή ναυτιλία ναυτιλίας ספנות|bank بنك بانک مصرف τράπεζα τράπεζας בנק ბანკი բանկ ธนาคาร|" +
		"group مجموعة گروه گروپ جماعة όμιλος ομίλου קבוצת קבוצה ჯგუფი խումբ กลุ่ม|establishment مؤسسة|institute موسسه معهد پژوهشگاه ινστιτούτο ινστιτούτου מכון|exchange صرافة صرافی|international دولية دولي بینالمللی διεθνής διεθνών διεθνούς בינלאומי בינלאומית|" +
		"services خدمات υπηρεσία υπηρεσίες υπηρεσιών שירותי שירותים|investment استثمار استثمارات سرمایهگذاری επενδύσεις επενδυτική επενδύσεων השקעות|holding قابضة هلدینگ συμμετοχών συμμετοχική אחזקות|oil نفط نفطية نفت|petroleum بترول بترولية πετρέλαιο πετρελαίου πετρελαϊκή|gas غاز گاز αερίου φυσικού גז|" +
		"petrochemical پتروشیمی بتروكيماويات πετροχημική|chemical كيماوية کیمیاوی شیمیایی χημική χημικών|engineering هندسة هندسية مهندسی μηχανική הנדסה|construction انشاءات بناء مقاولات ساختمانی κατασκευαστική κατασκευών κατασκευή בנייה|airline طيران هواپیمایی خطوط αερογραμμές αεροπορική|" +
		"import استيراد واردات εισαγωγές εισαγωγική יבוא|export تصدير صادرات εξαγωγές εξαγωγική יצוא|technology تكنولوجيا تقنية فناوری τεχνολογία τεχνολογίας τεχνολογική טכנולוגיה טכנולוגיות|association جمعية انجمن σύλλογος ένωση ένωσης עמותה|organization منظمة سازمان οργανισμός οργανισμού οργάνωση ארגון|" +
		"ministry وزارة وزارت υπουργείο υπουργείου משרד|university جامعة دانشگاه πανεπιστήμιο πανεπιστημίου אוניברסיטת|center مركز مرکز κέντρο κέντρου מרכז|party حزب κόμμα κόμματος מפלגת|movement حركة جنبش κίνημα κινήματος תנועת|front جبهة جبهه μέτωπο μετώπου חזית|army جيش ارتش στρατός στρατού צבא|" +
		"brigade لواء كتيبة تیپ ταξιαρχία ταξιαρχίας חטיבת|union اتحاد اتحادیه|committee لجنة کمیته επιτροπή επιτροπής ועדת|council مجلس شورای συμβούλιο συμβουλίου מועצת|factory مصنع کارخانه εργοστάσιο εργοστασίου מפעל|production انتاج تولید تولیدی παραγωγή παραγωγής|insurance تامين تأمين بیمه ασφαλιστική ασφαλειών ביטוח|" +
		"development تنمية توسعه ανάπτυξη ανάπτυξης פיתוח|foundation بنیاد ίδρυμα ιδρύματος קרן|media اعلام إعلام رسانه|forces نیروهای قوات δυνάμεις δυνάμεων|general عامة عام γενική γενικής|hotel فندق هتل ξενοδοχείο ξενοδοχειακή|brothers اخوان اخوة برادران αφοί")

func genericTable(text string) map[string]string {
	t := map[string]string{}
	for row := range strings.SplitSeq(text, "|") {
		words := strings.Fields(row)
		for _, w := range words[1:] {
			t[nativeKey([]rune(w))] = words[0]
		}
	}
	return t
}

// generic is the English word of a native one; Arabic articles, and what else is
// written together with a word, are cut off.
func generic(orig string) (english string, ok bool) {
	key := nativeKey([]rune(orig))
	for _, before := range []string{"", "ال", "لل", "ل", "وال", "و"} {
		if rest, cut := strings.CutPrefix(key, before); cut {
			if english, ok = nativeGenerics[rest]; ok {
				return english, true
			}
		}
	}
	return "", false
}

// translated is a name with the words of firms in English, as lists write the names
// of firms from other scripts; ok is false where it has none, or nothing else.
func translated(tokens []Token) (out []Token, ok bool) {
	left := 0
	for _, t := range tokens {
		english, is := "", false
		if t.Loose && t.Orig != "" && t.Kind == KindWord {
			if first := []rune(t.Orig)[0]; nativeScript(first) {
				english, is = generic(t.Orig)
			}
		}
		switch {
		case is:
			ok = true
			t = Token{Text: english, Orig: t.Orig, Kind: KindOf(english)}
			t.Sound()
		case t.Significant():
			left++
		}
		out = append(out, t)
	}
	return out, ok && left > 0
}
