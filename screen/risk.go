package screen

import (
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// Risk is how serious a hit would be if it were true, 0-1, from what the entry
// is listed for. It stands beside the score and knows nothing of it: a poor
// match with a terrorist is a high risk of a low strength. The tables below are
// a judgement of ours, in whole hundredths; each row that is used stands in the
// answer, and the rows add up to the number.

// topicRisk is one line of the table of topics.
type topicRisk struct {
	topic string // an OpenSanctions topic; its parts are found by it, too
	share float64
}

// topicRisks says what each reason for a listing weighs, the most specific
// first. Sanctions stand above crime, crime above debarment, debarment above
// public offices, and those above being close to their holders.
var topicRisks = []topicRisk{
	{"sanction.linked", 0.60}, {"sanction.counter", 0.50}, {roster.TopicSanction, 0.70},
	{"asset.frozen", 0.65},
	{"crime.terror", 0.68}, {"crime.war", 0.68}, {"crime.traffick", 0.62}, {"crime.theft", 0.55}, {"crime.fraud", 0.58}, {roster.TopicCrime, 0.60},
	{"wanted", 0.60},
	{"export.control", 0.52}, {"export.risk", 0.46}, {"debarment", 0.48}, {"invest.ban", 0.48},
	{"corp.disqual", 0.42}, {"reg.action", 0.42}, {"reg.warn", 0.38}, {"mare.detained", 0.42},
	{"role.oligarch", 0.40}, {roster.TopicPEP, 0.38}, {"role.pol", 0.32}, {"role.judge", 0.30}, {"role.civil", 0.28}, {"role.diplo", 0.30}, {"role.spy", 0.40},
	{"gov", 0.28},
	{"poi", 0.22}, {roster.TopicRCA, 0.22}, {"role", 0.22},
}

// The reach of a public office, in place of the 0.38 of one whose reach the
// list does not say.
var officeRisks = map[string]float64{"international": 0.42, "national": 0.42, "regional": 0.34, "local": 0.28}

const (
	// unknownTopicRisk is for a topic that the table does not know: it is taken
	// for serious until somebody grades it.
	unknownTopicRisk = 0.45
	// noTopicRisk is for an entry on a list that says of nobody why.
	noTopicRisk = 0.50
	// formerOfficeRisk is taken from an office whose holders have all left it.
	// It leaves a former national office above a present relative.
	formerOfficeRisk = 0.08
	// weakAliasRisk is taken where the name that matched is one that the
	// authority itself calls weak.
	weakAliasRisk = 0.05
)

// sourceRisk is what the format of a list says of everybody on it.
type sourceRisk struct {
	topic     string  // why they are listed, where the entries do not say
	share     float64 // of the topic
	authority float64 // added for who keeps the list
}

// sourceRisks are the official lists, by format.
var sourceRisks = map[string]sourceRisk{
	"un":                {roster.TopicSanction, 0.70, 0.10}, // binding on every state
	"ofac_sdn":          {roster.TopicSanction, 0.70, 0.08}, // assets blocked, with secondary effect abroad
	"eu":                {roster.TopicSanction, 0.70, 0.08},
	"uk":                {roster.TopicSanction, 0.70, 0.08},
	"ofac_consolidated": {roster.TopicSanction, 0.60, 0.06}, // some dealings barred, assets not blocked
	"us_csl":            {"export.control", 0.52, 0.04},
	"us_dpl":            {"export.control", 0.52, 0.04},
}

// programRisk is a kind of programme, found by words in its name.
type programRisk struct {
	kind  string
	share float64
	// words are whole words, parts of words with hyphens, or beginnings of either
	// (ending in *), upper case.
	words []string
}

// programRisks says which programmes weigh more than a listing as such, the
// gravest first; one of them counts.
var programRisks = []programRisk{
	{"terrorism", 0.15, []string{"SDGT", "SDT", "FTO", "TERR", "TERROR*", "AL-QAIDA", "ALQAIDA", "QAIDA", "TAQA", "TALIBAN", "ISIL", "DAESH", "QDE", "QDI", "HAMAS", "HIZBALLAH", "COUNTER-TERROR*"}},
	{"proliferation", 0.15, []string{"NPWMD", "DPRK*", "PRK", "NKOREA", "PROLIFERATION", "WMD", "CHEM", "CHEMICAL", "NUCLEAR", "KPE", "KPI"}},
	{"narcotics", 0.10, []string{"SDNT", "SDNTK", "ILLICIT-DRUGS*", "NARCOTICS", "DRUGS"}},
	{"organised_crime", 0.10, []string{"TCO", "GANG*", "HOSTAGE*", "TRAFFICKING"}},
	{"cyber", 0.10, []string{"CYBER*", "CYB"}},
	{"human_rights_or_corruption", 0.06, []string{"GLOMAG", "MAGNIT*", "IRAN-HR", "HRIT*", "EUHR", "GHR", "CORRUPTION", "ANTI-CORRUPTION", "GAC"}},
}

// Risk assesses a hit at a time (a public office ends on a day). source is the
// format of its list, "" where it is not known. It reads nothing but what is
// stored with the hit, so that it can be computed again from the record.
func Risk(h kyc.Hit, source string, at time.Time) (risk float64, rows []kyc.HitFeature) {
	total := 0
	add := func(f kyc.HitFeature, share float64) {
		pts := max(-total, min(points(share), pointScale-total))
		if pts == 0 {
			return
		}
		total += pts
		f.Points, f.Value = float64(pts)/pointScale, max(0, share)
		rows = append(rows, f)
	}
	topic, share, former := gravest(h, source, at)
	add(kyc.HitFeature{Name: "listed_for", Listed: topic, Rule: "topic"}, share)
	if former {
		add(kyc.HitFeature{Name: "former_office", Listed: lastDay(h.Positions), Rule: "ended"}, -formerOfficeRisk)
	}
	if s, ok := sourceRisks[source]; ok {
		add(kyc.HitFeature{Name: "list_authority", Listed: source, Rule: "official_list"}, s.authority)
	}
	if kind, program, share := gravestProgram(h.Programs); kind != "" {
		add(kyc.HitFeature{Name: "programme", Listed: program, Rule: kind}, share)
	}
	if h.NameQuality == string(roster.QualityWeak) {
		add(kyc.HitFeature{Name: "weak_alias", Listed: h.MatchedName, Rule: "weak_alias"}, -weakAliasRisk)
	}
	return float64(total) / pointScale, rows
}

// gravest finds the reason that weighs most, after what a former office takes
// from it, so that one more reason never lowers the risk.
func gravest(h kyc.Hit, source string, at time.Time) (topic string, share float64, former bool) {
	best := -1.0
	consider := func(t string, s float64, ended bool) {
		net := s
		if ended {
			net -= formerOfficeRisk
		}
		if net > best {
			best, topic, share, former = net, t, s, ended
		}
	}
	left := ended(h.Positions, at)
	for _, t := range h.Topics {
		s := shareOf(t)
		office := t == roster.TopicPEP || strings.HasPrefix(t, roster.TopicPEP+".")
		if office {
			s = officeShare(h.Positions, at, s)
		}
		consider(t, s, office && left)
	}
	if s, ok := sourceRisks[source]; ok {
		consider(s.topic, s.share, false)
	}
	if topic == "" {
		return "unknown", noTopicRisk, false
	}
	return topic, share, former
}

func shareOf(topic string) float64 {
	for _, r := range topicRisks {
		if topic == r.topic || strings.HasPrefix(topic, r.topic+".") {
			return r.share
		}
	}
	return unknownTopicRisk
}

// officeShare is the widest reach of the offices that are held still, or of
// all when none is.
func officeShare(positions []kyc.Position, at time.Time, otherwise float64) float64 {
	widest := func(current bool) (best float64) {
		for _, p := range positions {
			if !current || !over(p, at) {
				best = max(best, officeRisks[p.Level])
			}
		}
		return best
	}
	if !ended(positions, at) {
		if s := widest(true); s > 0 {
			return s
		}
		return otherwise
	}
	if s := widest(false); s > 0 {
		return s
	}
	return otherwise
}

// ended reports whether there are offices and each is over. An office without
// an end is held.
func ended(positions []kyc.Position, at time.Time) bool {
	return len(positions) > 0 && !slices.ContainsFunc(positions, func(p kyc.Position) bool { return !over(p, at) })
}

// over compares the last day of an office with a day, as far as it is known: an
// office until 2024 is over in 2025.
func over(p kyc.Position, at time.Time) bool {
	if p.Until == "" {
		return false
	}
	today := at.UTC().Format(time.DateOnly)
	return p.Until < today[:min(len(today), len(p.Until))]
}

func lastDay(positions []kyc.Position) (last string) {
	for _, p := range positions {
		last = max(last, p.Until)
	}
	return last
}

// gravestProgram finds the kind of programme that weighs most.
func gravestProgram(programs []string) (kind, program string, share float64) {
	best := len(programRisks)
	for _, p := range programs {
		for word := range strings.FieldsFuncSeq(strings.ToUpper(p), parting) {
			best, program = graver(word, p, best, program)
			for part := range strings.SplitSeq(word, "-") {
				best, program = graver(part, p, best, program)
			}
		}
	}
	if best == len(programRisks) {
		return "", "", 0
	}
	return programRisks[best].kind, program, programRisks[best].share
}

// parting are the characters between the words of a programme.
func parting(c rune) bool { return strings.ContainsRune(" ,;:()[]/.&'", c) }

// graver looks for a word or a part of one in the kinds before the best.
func graver(word, program string, best int, of string) (int, string) {
	for i := range programRisks[:best] {
		for _, w := range programRisks[i].words {
			if begin, open := strings.CutSuffix(w, "*"); word == w || open && strings.HasPrefix(word, begin) {
				return i, program
			}
		}
	}
	return best, of
}
