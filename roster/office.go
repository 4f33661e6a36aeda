package roster

import (
	"strings"
	"sync"
	"unicode"

	"bonafide/kyc"
)

// The kinds of public office, after the definition of a politically exposed
// person by the FATF (Recommendations, glossary; guidance on recommendations 12
// and 22) and Directive (EU) 2015/849, article 3 (9).
const (
	OfficeHead             = "head_of_state_or_government" // the source does not tell which
	OfficeHeadOfState      = "head_of_state"
	OfficeHeadOfGovernment = "head_of_government"
	OfficeRoyal            = "royal_house"
	OfficeMinister         = "minister" // and member of a government
	OfficeLegislator       = "legislator"
	OfficeJudge            = "judge" // and prosecutor
	OfficeCentralBank      = "central_bank"
	OfficeAudit            = "court_of_auditors"
	OfficeMilitary         = "military" // and police and intelligence
	OfficeDiplomat         = "diplomat"
	OfficeStateCompany     = "state_company"
	OfficeParty            = "party_official"
	OfficeInternational    = "international_organisation"
	OfficeReligious        = "religious_leader"
	OfficeOfficial         = "government_official"
	OfficeRegional         = "regional_official"
	OfficeLocal            = "local_official"
)

// The states of an office.
const (
	statusCurrent = "current"
	statusEnded   = "ended"
)

// officeRule is one row of the table of words: a title that holds one of the
// words is that office. Level is 1 (the highest) to 4.
type officeRule struct {
	office string
	level  int
	words  string // separated by |; * at the end of one stands for any ending
}

// officeRules are asked from top to bottom and the first that fits decides, so
// that a deputy minister is no minister and an ambassador to the United Nations
// an ambassador. The words are those of the languages that lists are written
// in; a source that grades an office itself is believed before them.
//
//nolint:misspell // words of other languages
var officeRules = []officeRule{
	{"", 0, "wife of|husband of|widow of|spouse of|daughter of|son of"},
	{OfficeOfficial, 2, "advisor to the king|adviser to the king|advisor to the custodian|advisor to the president|adviser to the president|advisor to the prime minister|adviser to the prime minister|advisor to the minister|adviser to the minister|private secretary"},
	{OfficeDiplomat, 2, "ambassador*|consul|consul general|charge d affaires|chargé d'affaires|permanent representative|high commissioner to|envoy|minister plenipotentiary|embajador*|embaixador*|ambassadeur*|ambassadrice|botschafter*|ambasciator*|ambasadör|büyükelçi*|duta besar|ambasador*|посол*|посла|سفير*|السفير|大使|대사"},
	{OfficeLegislator, 1, "european parliament|parlement européen|europäisches parlament|parlamento europeo|mep"},
	{OfficeInternational, 4, "united nations|european commission|european council|council of europe|world bank|international monetary fund|world trade organization|world health organization|who regional|unesco|unicef|interpol|opec|nato|african union|arab league|league of arab states|gulf cooperation council|islamic cooperation|african development bank|asian development bank|international criminal court|nations unies|naciones unidas|vereinte nationen|организации объединенных наций|оон|الأمم المتحدة|联合国"},
	{OfficeOfficial, 2, "deputy minister|vice minister|assistant minister|undersecretary|under secretary|under-secretary|state secretary|secretary of state for|permanent secretary|chief of staff to|viceministro|vice ministre|vice ministro|staatssekretär*|secrétaire d'état|secretario de estado|sottosegretario|заместитель министра|замминистра|заступник міністра|نائب وزير|وكيل وزارة|bakan yardımcısı|wakil menteri|副部长|차관"},
	{OfficeRegional, 2, "chief minister|ministerpräsident*|state senator|state assembly|state legislature|state representative|regional minister|provincial|landtag|regional council|lieutenant governor"},
	{OfficeHeadOfGovernment, 1, "prime minister|first minister|head of government|premier ministre|première ministre|primer ministro|primera ministra|primeiro ministro|primeira ministra|minister president|federal chancellor|chancellor of germany|chancellor of austria|bundeskanzler*|presidente del gobierno|presidente del consiglio dei ministri|president of the council of ministers|premierminister*|премьер министр*|прем єр міністр*|председатель правительства|رئيس الوزراء|رئيس مجلس الوزراء|başbakan*|perdana menteri|πρωθυπουργός|ראש הממשלה|总理|總理|首相|총리|प्रधान मंत्री|premier of|vice premier"},
	{OfficeMinister, 1, "minister|ministers|ministry|secretary of defense|secretary of the treasury|secretary of state|secretary of commerce|secretary of energy|secretary of the interior|attorney general|cabinet member|ministre*|ministro*|ministra*|minister für*|bundesminister*|министр*|міністр*|وزير*|وزيرة|وزارة|bakan|bakanı|menteri|minister van|υπουργός|שר|部长|部長|大臣|장관|मंत्री|wizarate"},
	{OfficeCentralBank, 1, "central bank|reserve bank|monetary authority|federal reserve|national bank of|bank of england|bundesbank|banque centrale|banque nationale|banco central|banco de la república|zentralbank|nationalbank|banca centrale|центральный банк|центрального банка|центробанк*|национального банка|البنك المركزي|مؤسسة النقد|merkez bankası|bank indonesia|中央银行|中国人民银行|한국은행"},
	{OfficeAudit, 1, "court of auditors|court of audit|auditor general|comptroller general|audit office|cour des comptes|tribunal de cuentas|rechnungshof|corte dei conti|tribunal de contas|счетная палата|счетной палаты|sayıştay|ديوان المحاسبة"},
	{OfficeJudge, 1, "supreme court|constitutional court|chief justice|justice of the|high court|court of cassation|conseil constitutionnel|cour suprême|cour de cassation|corte suprema|tribunal supremo|tribunal constitucional|bundesverfassungsgericht|corte costituzionale|supremo tribunal|верховного суда|конституционного суда|المحكمة العليا|المحكمة الدستورية|yargıtay|anayasa mahkemesi|最高人民法院|大法官|대법관"},
	{OfficeJudge, 2, "judge|magistrate|prosecutor*|juez|jueza|juge|richter|giudice|juiz|juíza|fiscal general|procureur*|procurador*|staatsanwalt*|generalbundesanwalt|судья|прокурор*|суддя|قاض|القاضي|النائب العام|yargıç|savcı*|hakim agung|jaksa|法官|检察长|판사|검찰총장"},
	{OfficeLegislator, 1, "member of parliament|member of the parliament|members of parliament|parliament|parliamentarian|senator*|senate|congressman|congresswoman|member of congress|united states representative|us representative|house of representatives|house of commons|house of lords|national assembly|consultative assembly|legislative assembly|legislative council|shura council|lok sabha|rajya sabha|knesset|bundestag*|bundesrat|nationalrat*|riksdag*|folketing*|storting*|eduskunta|sejm|state duma|verkhovna rada|member of the assembly|chamber of deputies|diputad*|deputad*|député*|deputato|deputata|senador*|sénateur*|sénatrice|senatore|abgeordnete*|депутат*|сенатор*|عضو البرلمان|عضو مجلس|مجلس الشورى|مجلس النواب|مجلس الأمة|milletvekili|anggota dpr|poseł|posłanka|βουλευτής|חבר הכנסת|人大代表|议员|議員|国会議員|국회의원|सांसद"},
	{OfficeMilitary, 1, "chief of the general staff|chairman of the general staff|general staff|chief of defence staff|chief of defense|joint chiefs of staff|commander in chief|chief of the army|chief of staff of the armed forces|генерального штаба|رئيس الأركان|رئيس هيئة الأركان|genelkurmay*|panglima tentara*|总参谋长|합참의장"},
	{OfficeMilitary, 2, "commander|armed forces|air force|royal air forces|navy|naval forces|national guard|admiral*|vice admiral|lieutenant general|major general|brigadier general|brigadier|field marshal|general of the army|chief of police|police commissioner|police chief|intelligence service|intelligence agency|national security|ministry of intelligence|federal security service|comandante*|commandant*|befehlshaber|генерал|генерал майор|генерал лейтенант|генерал полковник|адмирал*|командующ*|قائد*|عميد|لواء|الحرس الوطني|القوات المسلحة|komutan*|laksamana|jenderal|将军|上将|司令|장군|사령관"},
	{OfficeStateCompany, 3, "state owned|state enterprise|state company|state corporation|public corporation|national oil company|sovereign wealth fund|public investment fund|empresa pública|empresa estatal|entreprise publique|société d'état|staatsunternehmen|impresa pubblica|госкорпорац*|государственной корпорации|государственного предприятия|الشركة الوطنية|صندوق الاستثمارات العامة|badan usaha milik negara|国有企业|국영기업"},
	{OfficeParty, 1, "party leader|leader of the opposition|party chairman|party chair|party president|chairman of the party|general secretary of the party|politburo|central committee|leader of the party|secretary general of the party|président du parti|presidente del partido|secretario general del partido|parteivorsitzende*|segretario del partito|лидер партии|председатель партии|политбюро|центрального комитета|رئيس الحزب|الأمين العام للحزب|parti genel başkanı|ketua umum partai|总书记|政治局|中央委员会"},
	{OfficeParty, 2, "party|parti|partido|partei|partito|partij|partai|партия|партии|партії|partia|partii|حزب|党委|정당"},
	{OfficeRoyal, 1, "crown prince|crown princess|royal house|house of saud|imperial house|royal family|prince of wales|ولي العهد|ولي ولي العهد|kronprinz*|príncipe heredero|prince héritier"},
	{OfficeHeadOfState, 1, "head of state|king of|queen of|emperor of|empress of|emir of|amir of|sultan of|grand duke of|monarch|supreme leader|governor general|custodian of the two holy mosques|president of the republic|president of the federation|vice president of the republic|president of the united states|federal president|bundespräsident*|président de la république|presidente de la república|presidente della repubblica|presidente da república|chef de l'état|jefe de estado|staatsoberhaupt|президент республики|президент российской федерации|президент рф|президент украины|президент страны|глава государства|رئيس الجمهورية|ملك|أمير دولة|سلطان عمان|cumhurbaşkanı*|国家主席|总统|總統|大統領|天皇|대통령|राष्ट्रपति"},
	{OfficeLocal, 4, "mayor|deputy mayor|lord mayor|city council*|municipal|municipality|county council*|district council*|borough|town council*|councillor|councilor|alderman|alcalde*|alcaldesa|concejal*|maire|bürgermeister*|oberbürgermeister*|sindaco|prefeito*|vereador*|burgemeester|мэр|мэра|мер міста|глава города|عمدة|رئيس البلدية|أمين مدينة|belediye başkanı|walikota|bupati|市长|市長|시장"},
	{OfficeRegional, 2, "governor|vice governor|deputy governor|gouverneur|gobernador*|governador*|governatore|губернатор*|محافظ|أمير منطقة|vali|gubernur|省长|知事|도지사"},
	{OfficeReligious, 2, "mufti|grand imam|grand ayatollah|patriarch|archbishop|مفتي|شيخ الأزهر|патриарх*"},
	{OfficeOfficial, 2, "director general|secretary general|secretary to the cabinet|cabinet secretary|adviser to the president|advisor to the king|royal court|civil service commission|customs authority|tax authority|commissioner|government official|civil servant|generaldirektor*|directeur général|director general de|direttore generale|مدير عام|المستشار|مستشار بالديوان|советник президента"},
}

// endedWords begin a title that its holder no longer bears.
const endedWords = "former|ex|formerly|late|ancien|ancienne|ehemaliger|ehemalige|antiguo|exministro|expresidente|бывший|бывшая|екс|سابق|السابق|eski|mantan|前"

// preparedRule is a rule whose words are normalised; sorted into those that
// need a boundary on both sides and the others.
type preparedRule struct {
	officeRule
	whole, open, inside []string
}

var preparedOffices = sync.OnceValue(func() []preparedRule {
	out := make([]preparedRule, 0, len(officeRules)+1)
	for _, r := range append([]officeRule{{words: endedWords}}, officeRules...) {
		p := preparedRule{officeRule: r}
		for _, w := range strings.Split(r.words, "|") {
			stem, open := strings.CutSuffix(w, "*")
			switch text := plainTitle(stem); {
			case noSpaces(stem):
				p.inside = append(p.inside, strings.TrimSpace(text))
			case open:
				p.open = append(p.open, strings.TrimRight(text, " "))
			default:
				p.whole = append(p.whole, text)
			}
		}
		out = append(out, p)
	}
	return out
})

// plainTitle is a title in lower case without marks and punctuation, its words
// between single spaces, with one in front and one behind.
func plainTitle(s string) string {
	words := strings.FieldsFunc(StripMarks(strings.ToLower(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}

// noSpaces reports a script that is written without spaces between words, or
// (Hangul) whose words carry their particles.
func noSpaces(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
			return true
		}
	}
	return false
}

func (p *preparedRule) fits(title string) bool {
	for _, w := range p.whole {
		if strings.Contains(title, w) {
			return true
		}
	}
	for _, w := range p.open {
		if strings.Contains(title, w) {
			return true
		}
	}
	for _, w := range p.inside {
		if strings.Contains(title, w) {
			return true
		}
	}
	return false
}

// OfficeOf grades a position: what kind of office it is, and its level from 1
// (the highest) to 4. Both are empty and 0 for words that are not known. What
// the source itself says of the position goes before its title.
func OfficeOf(p kyc.Position) (office string, level int) {
	title := plainTitle(p.Title)
	for i, r := range preparedOffices() {
		if i > 0 && r.fits(title) {
			office, level = r.office, r.level
			break
		}
	}
	if office == "" && headOf(p.Title) {
		office, level = OfficeHeadOfState, 1
	}
	switch {
	case p.Office == "", p.Office == office:
	case p.Office == OfficeHead && (office == OfficeHeadOfState || office == OfficeHeadOfGovernment):
	default:
		office, level = p.Office, baseLevel(p.Office)
	}
	return office, reachLevel(office, level, p.Level)
}

// headOf reports "President of France" and "Vice President of the Republic of
// Chile": a president of a country.
func headOf(title string) bool {
	words := plainTitle(title)
	if !strings.HasPrefix(words, " president of ") && !strings.HasPrefix(words, " vice president of ") && !strings.HasPrefix(words, " king of ") {
		return false
	}
	_, of, _ := strings.Cut(words, " of ")
	of = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(of), "the "))
	return len(of) > 3 && (CountryCode(of) != "" || CountryCode(strings.TrimPrefix(of, "republic of ")) != "")
}

// baseLevel is the level of an office that the source alone tells of.
func baseLevel(office string) int {
	if office == OfficeHead {
		return 1
	}
	for _, r := range officeRules {
		if r.office == office {
			return r.level
		}
	}
	return 0
}

// reachLevel lowers an office that is regional or local by what its source
// says; nothing raises one.
func reachLevel(office string, level int, reach string) int {
	switch {
	case level == 0:
		if reach != "" { // an office of some kind, of known reach
			return map[string]int{"international": 4, "national": 2, "regional": 2, "local": 4}[reach]
		}
		return 0
	case reach == "local":
		return 4
	case reach == "regional" && office != OfficeStateCompany:
		return max(level, 2)
	}
	return level
}

// saysEnded reports a title that begins or ends with a word such as former.
func saysEnded(title string) bool {
	rule := preparedOffices()[0]
	plain := plainTitle(title)
	for _, w := range rule.whole {
		if strings.HasPrefix(plain, w) || strings.HasSuffix(plain, w) {
			return true
		}
	}
	for _, w := range rule.inside {
		if strings.HasPrefix(strings.TrimSpace(plain), w) {
			return true
		}
	}
	return false
}
