package screen

// The numbers of the matcher. They are set by hand with the developer half of
// the benchmark before the eyes (November 2026, list data of 2021-2026); the
// fitted table will take their place here. Points are shares of 1.
const (
	// weightQuery and weightListed: how much of the score the covered part of
	// the query and of the listed name make up. They add up to 1, so a full
	// match is 1.0. What the applicant calls himself counts more than what
	// the list knows in addition (middle names, patronymics).
	weightQuery  = 0.58
	weightListed = 0.42
	// penaltySubstituted: taken for the part that both sides have and that
	// does not agree. A missing word is common; another word in its place is
	// another person.
	penaltySubstituted = 0.62

	// penaltyFamily: the given names agree and the family name, where the
	// source marks it, is not there at all.
	penaltyFamily = 0.12

	// capOneWord: a match of one single word is never enough when either side
	// has more words.
	capOneWord = 0.58
	// capWeakAlias: a match with a weak alias alone stays below
	// DefaultThreshold; birth date, country or number can lift it.
	capWeakAlias = 0.73

	// capCommonWord: a name that is one common word ("Bank") proves little even
	// where an entry has no other. It stays above DefaultThreshold, because
	// such an entry could be found in no other way.
	capCommonWord = 0.90

	// Similarities of rules that are not measured by editing.
	simSpelling       = 0.97
	simTransliterated = 0.96
	simNickname       = 0.90
	simInitial        = 0.72
	simJoinedPercent  = 95 // words that are written as one on the other side
	minSimilar        = 0.62

	// minRarity is the least weight of a common name word; a word that stands
	// once weighs about 1.
	minRarity = 0.30

	// Evidence beside the name.
	pointsBirthSame    = 0.05  // the same day
	pointsBirthYear    = 0.03  // the same year or month, where one side knows no more
	pointsBirthNear    = -0.02 // day and month exchanged, or within a year
	pointsBirthTwo     = -0.12 // two years off
	pointsBirthFar     = -0.30 // more: somebody else
	pointsType         = -0.25 // a person is no company
	pointsCountrySame  = 0.02
	pointsCountryOther = -0.03
	pointsIdentifier   = 0.10 // beside a fitting name
	floorIdentifier    = 0.90 // an equal number alone
)

// kindWeight scales the rarity of a word by what sort of word it is.
func kindWeight(k wordKind) float64 {
	switch k {
	case kindInitial:
		return 0.30
	case kindParticle:
		return 0.22
	case kindTitle:
		return 0.12
	case kindLegal:
		return 0.15
	case kindGeneric:
		return 0.60
	}
	return 1
}
