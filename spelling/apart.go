package spelling

import (
	"regexp"
	"slices"
	"strings"
)

// Some names hold several: a maiden name behind née, another name behind alias, a
// father behind s/o. Each of them is asked for by itself, because what stands beside
// it would hide it.

// asideWords are words that may divide names; a name without one of them and
// without a sign that may has one name.
var asideWords = wordSet("alias aka fka nka dba nee nees geb geborene geborener born ne formerly known trading doing son daughter wife widow imo mmsi")

var (
	// parentage is what stands before the name of a relative.
	parentage = regexp.MustCompile(`(?i)(?:\s|^)(?:[sdwc]/o|a/[lp]|(?:son|daughter|wife|widow) of)(?:[\s.:]|$)`)
	// maiden is what stands before the family name of birth.
	maiden = regexp.MustCompile(`(?i)\s(?:née?s?|nee|geb\.?|geborener?|born)\s`)
	// other is what stands before another name of the same party.
	other = regexp.MustCompile(`(?i)\s*@\s*|\s(?:a\.?k\.?a\.?|a/k/a|f\.?k\.?a\.?|f/k/a|n\.?k\.?a\.?|n/k/a|d\.?b\.?a\.?|d/b/a|t/a|alias|(?:formerly|also|now|better|otherwise) known as|known as|formerly|trading as|doing business as)[\s:]+`)
	// hullNumber is the number of a ship beside its name, or in place of one.
	hullNumber = regexp.MustCompile(`(?i)(?:^|[\s(,]+)(?:IMO|MMSI)[\s.:#]*(?:no\.?|number|nr\.?)?[\s.:#]*([0-9]{7,9})\)?`)
	// aside is what stands in brackets.
	aside = regexp.MustCompile(`\(([^()]*)\)|\[([^\[\]]*)\]`)
)

// HullNumbers are the numbers that stand in the name of a ship (IMO 9111222).
func HullNumbers(name string) (numbers []string) {
	if len(name) > 1000 {
		return nil
	}
	for _, m := range hullNumber.FindAllStringSubmatch(name, 3) {
		numbers = append(numbers, m[1])
	}
	return numbers
}

// apart are the names that a name holds beside itself.
func apart(name string, tokens []Token) (names []string) {
	marked := strings.ContainsAny(name, "@/([") || slices.ContainsFunc(tokens, func(t Token) bool { return asideWords[t.Text] })
	for _, abbreviated := range []string{"k.a", "K.A", "b.a", "B.A"} {
		marked = marked || strings.Contains(name, abbreviated)
	}
	if !marked || len(name) > 1000 {
		return nil
	}
	if at := hullNumber.FindStringIndex(name); at != nil {
		names = append(names, name[:at[0]]+" "+name[at[1]:])
	}
	if at := parentage.FindStringIndex(name); at != nil && at[0] > 0 {
		names = append(names, name[:at[0]])
		name = name[:at[0]]
	}
	if at := maiden.FindStringIndex(name); at != nil {
		before, birth := strings.Fields(name[:at[0]]), strings.TrimSpace(name[at[1]:])
		if len(before) > 1 && birth != "" {
			names = append(names, strings.Join(before[:len(before)-1], " ")+" "+birth, strings.Join(before, " "))
		}
		return names
	}
	if parts := other.Split(name, 4); len(parts) > 1 {
		return append(names, parts...)
	}
	// The name of a firm holds brackets and strokes of its own.
	if slices.ContainsFunc(tokens, func(t Token) bool { return t.Kind == KindLegal || t.Kind == KindGeneric }) {
		return names
	}
	if left, right, ok := strings.Cut(name, "/"); ok && len(strings.Fields(left)) > 1 && len(strings.Fields(right)) > 1 {
		names = append(names, left, right)
	}
	if within := aside.FindAllStringSubmatch(name, 3); within != nil {
		outside := strings.Join(strings.Fields(aside.ReplaceAllString(name, " ")), " ")
		names = append(names, outside)
		for _, m := range within {
			inside := strings.TrimSpace(m[1] + m[2])
			switch words := strings.Fields(outside); {
			case inside == "":
			case len(strings.Fields(inside)) > 1:
				names = append(names, inside)
			case len(words) > 1 && !strings.Contains(outside, ","):
				// One word may be another family name, as of birth.
				names = append(names, strings.Join(words[:len(words)-1], " ")+" "+inside)
			}
		}
	}
	return names
}
