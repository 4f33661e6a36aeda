package roster

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// Topics of OpenSanctions (https://www.opensanctions.org/docs/topics/) that say
// why a party is listed.
const (
	TopicPEP      = "role.pep"
	TopicRCA      = "role.rca" // relative or close associate
	TopicSanction = "sanction"
	TopicCrime    = "crime"
	TopicExport   = "export.control" // may not be supplied with listed goods
)

// HasTopic reports whether topics hold one or a part of it: "sanction" is also
// found in "sanction.linked".
func HasTopic(topics []string, topic string) bool {
	return slices.ContainsFunc(topics, func(t string) bool { return t == topic || strings.HasPrefix(t, topic+".") })
}

// exposed reports a politically exposed person, relative or close associate.
func (e *Entity) Exposed() bool { return HasTopic(e.Topics, TopicPEP) || HasTopic(e.Topics, TopicRCA) }

// onlyExposed reports an entry that is listed for an office, or as somebody
// close to its holder, and for nothing else. A topic that is not known here is
// something else.
func (e *Entity) OnlyExposed() bool {
	return e.Exposed() && !slices.ContainsFunc(e.Topics, func(t string) bool { return !strings.HasPrefix(t, "role.") && !strings.HasPrefix(t, "gov.") })
}

// HoldsTopics reports whether a format says why each party is listed. Of a list
// whose format is not known nothing can be ruled out.
func HoldsTopics(format string) bool {
	return slices.Contains([]string{"", "ftm", "targets_simple", "senzing", "everypolitician", "csv"}, format)
}

// HoldsDatasets reports whether a format names the collection of each entry.
func HoldsDatasets(format string) bool {
	return slices.Contains([]string{"us_csl", "ftm", "targets_simple", "senzing", "csv"}, format)
}

// addPosition adds a public position unless it is there already.
func (e *Entity) addPosition(p kyc.Position) {
	if p.Title = Clean(p.Title); p.Title == "" || len(e.Positions) >= maxOther || slices.Contains(e.Positions, p) {
		return
	}
	e.Positions = append(e.Positions, p)
}

// officeTopics are the topics of a position that say what kind of office it is,
// the most telling first.
var officeTopics = [...][2]string{
	{"gov.head", OfficeHead}, {"gov.igo", OfficeInternational}, {"role.diplo", OfficeDiplomat}, {"gov.judicial", OfficeJudge}, {"gov.legislative", OfficeLegislator},
	{"gov.security", OfficeMilitary}, {"gov.financial", OfficeCentralBank}, {"gov.soe", OfficeStateCompany}, {"pol.party", OfficeParty}, {"gov.religion", OfficeReligious},
	{"gov.executive", OfficeMinister}, {"gov.admin", OfficeOfficial},
}

// officeOfTopics is the kind of office by the topics of its position, empty
// where they do not say.
func officeOfTopics(topics []string) string {
	for _, o := range officeTopics {
		if HasTopic(topics, o[0]) {
			return o[1]
		}
	}
	return ""
}

// levels are the words for the reach of a position by its topics, widest first.
var levels = [...][2]string{
	{"gov.igo", "international"}, {"gov.head", "national"}, {"gov.national", "national"}, {"gov.state", "regional"}, {"gov.muni", "local"},
}

// levelOf is the reach of a position, empty where its topics do not say.
func levelOf(topics []string) string {
	for _, l := range levels {
		if HasTopic(topics, l[0]) {
			return l[1]
		}
	}
	return ""
}
