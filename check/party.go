package check

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// partyRef names one person or company of the form (onboarding's Party). Paths
// are field ids joined by "/"; "*" stands for each item of a list, so
// "owners/*/full_name" names every owner. A leading "/" is allowed.
type partyRef struct {
	Path        string `json:"path"`
	Role        string `json:"role"`
	Company     bool   `json:"company"`
	Own         bool   `json:"own"` // the applicant
	DateOfBirth string `json:"date_of_birth"`
	Nationality string `json:"nationality"`
	// DocumentNumber is compared with the identifiers of list entries.
	DocumentNumber string `json:"document_number"`
}

// partiesSchema is the schema of the members that several checks share.
const partiesSchema = `
"parties":{"type":"array","maxItems":200,"items":{"type":"object","additionalProperties":false,"required":["path"],"properties":{
"path":{"type":"string","minLength":1,"maxLength":500,"description":"Where the form has the name: field ids joined by /, * for each item of a list."},
"role":{"type":"string","maxLength":50,"description":"individual, ubo, director, shareholder or representative."},
"company":{"type":"boolean","description":"The name is a company's."},
"own":{"type":"boolean","description":"The name is the applicant's own."},
"date_of_birth":{"type":"string","maxLength":500,"description":"Path of the date of birth in the same item."},
"nationality":{"type":"string","maxLength":500,"description":"Path of the nationality, or of the country of incorporation, in the same item."},
"document_number":{"type":"string","maxLength":500,"description":"Path of the number of an identity document in the same item."}}},
"description":"Names of the form to ask for, each with the role of its bearer. With parties or documents every distinct party is asked for on its own."},
"documents":{"type":"boolean","default":false,"description":"Ask also for the applicant as the document says and for every party that document_set found on a paper."}`

// maxParties bounds one check; more is an error, never a silent cut.
const maxParties = 300

// spot is one place of the form that a path leads to.
type spot struct {
	path  string // with numbers in place of stars
	index []int  // the numbers
	value any    // nil: the item of the list is there, its value is not
}

func tokens(path string) []string {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

// spots follows a path through the form. What was not answered has no spot;
// but an item of a list that lacks the value has one, because the item names
// somebody.
func spots(fields map[string]any, path string) []spot {
	var out []spot
	var walk func(v any, rest []string, at string, index []int)
	walk = func(v any, rest []string, at string, index []int) {
		if len(rest) == 0 {
			if v != nil || len(index) > 0 {
				out = append(out, spot{path: strings.TrimPrefix(at, "/"), index: index, value: v})
			}
			return
		}
		if rest[0] == "*" {
			list, ok := v.([]any)
			if !ok && v != nil {
				list = []any{v} // one item that nobody put into a list
			}
			for i, item := range list {
				walk(item, rest[1:], at+"/"+strconv.Itoa(i), append(slices.Clone(index), i))
			}
			return
		}
		m, _ := v.(map[string]any)
		walk(m[rest[0]], rest[1:], at+"/"+rest[0], index)
	}
	walk(fields, tokens(path), "", nil)
	return out
}

// valueAt follows a path with the numbers of another spot in place of stars.
func valueAt(fields map[string]any, path string, index []int) any {
	if path == "" {
		return nil
	}
	var v any = fields
	for _, t := range tokens(path) {
		if t == "*" {
			list, _ := v.([]any)
			if len(index) == 0 || index[0] >= len(list) {
				return nil
			}
			v, index = list[index[0]], index[1:]
			continue
		}
		m, _ := v.(map[string]any)
		v = m[t]
	}
	return v
}

// namePerson reads a name of the form: a text, or an object of its parts.
func namePerson(v any) person {
	switch v := v.(type) {
	case string:
		return person{full: strings.TrimSpace(v)}
	case map[string]any:
		given, middle, family := asText(v["given"]), asText(v["middle"]), asText(v["family"])
		p := person{first: strings.TrimSpace(given + " " + middle), last: family, full: asText(v["full"])}
		if p.full == "" {
			p.full = strings.TrimSpace(p.first + " " + p.last)
		}
		return p
	}
	return person{}
}

// party is somebody to ask for, gathered from every place that names them.
type party struct {
	names   []string
	who     person
	role    string
	company bool
	own     bool
	// born are all dates of birth that are known of the person, besides that of who.
	born    []string
	sources []string // form:<path>, document:<upload>, extracted
}

// entity is somebody whom document_set found on a paper; the same shape is
// read back from its details.
type entity struct {
	Name           string `json:"name"`
	Given          string `json:"given,omitempty"`
	Family         string `json:"family,omitempty"`
	DateOfBirth    string `json:"date_of_birth,omitempty"`
	Nationality    string `json:"nationality,omitempty"`
	IssuingCountry string `json:"issuing_country,omitempty"`
	DocumentNumber string `json:"document_number,omitempty"`
	EntityRole     string `json:"entity_role"`
	Own            bool   `json:"own"`
	DocID          string `json:"doc_id"`
	DocumentType   string `json:"document_type"`
	// Regions say where the values stand, by the names of fields; NameCut that
	// the document itself shows a shortened name.
	Regions map[string]any `json:"regions,omitempty"`
	NameCut bool           `json:"name_cut,omitempty"`
}

func (e entity) person() person {
	p := person{first: e.Given, last: e.Family, full: e.Name, born: e.DateOfBirth, nationality: e.Nationality, issuer: e.IssuingCountry, number: e.DocumentNumber}
	if d, ok := parseDate(p.born); ok {
		p.born = d.Format("2006-01-02")
	}
	return p
}

// gatherParties lists everybody to ask for: the applicant as document_ocr read
// them, the parties on papers and the names of the form. The same party named
// twice is asked for once, under all its names. unanswered are the paths that
// lead nowhere because nobody answered them.
func gatherParties(r kyc.CheckRequest, refs []partyRef, documents bool) (list []party, unanswered []string, bad *kyc.Answer) {
	add := func(p party) {
		for i := range list {
			if list[i].same(p) {
				list[i].merge(p)
				return
			}
		}
		list = append(list, p)
	}
	if documents {
		entities, bad := paperEntities(r)
		if bad != nil {
			return nil, nil, bad
		}
		if paper := onPaper(r); paper.name() != "" {
			names := distinct(paper.name(), paper.full)
			if _, cut := onDocument(r); cut {
				names = distinct(append(names, asInitials(paper)...)...)
			}
			add(party{names: names, who: paper, role: ownRole(entities), own: true, sources: []string{"extracted"}})
		}
		for _, e := range entities {
			who := e.person()
			names := distinct(who.name(), who.full)
			if e.NameCut {
				names = distinct(append(names, asInitials(who)...)...)
			}
			add(party{names: names, who: who, role: first(e.EntityRole, roleIndividual), own: e.Own, sources: []string{"document:" + e.DocID}})
		}
	}
	for _, ref := range refs {
		found := spots(r.Fields, ref.Path)
		if len(found) == 0 {
			unanswered = append(unanswered, ref.Path)
		}
		for _, s := range found {
			who := namePerson(s.value)
			names := distinct(who.name(), who.full)
			told := asText(valueAt(r.Fields, ref.DateOfBirth, s.index))
			if _, err := time.Parse("2006/2006", told); err == nil { // an age (media.Query.Born)
				who.born = told
			}
			if born, ok := parseDate(told); ok {
				who.born = born.Format("2006-01-02")
			}
			who.nationality = strings.ToUpper(asText(valueAt(r.Fields, ref.Nationality, s.index)))
			who.number = asText(valueAt(r.Fields, ref.DocumentNumber, s.index))
			role := ref.Role
			if role == "" && !ref.Company {
				role = roleIndividual
			}
			p := party{names: names, who: who, role: role, company: ref.Company, own: ref.Own, sources: []string{"form:" + s.path}}
			if known, ok := procedure.EstablishedPerson(r.Established); ok && ref.Own && who.born != "" {
				p.born = known.BirthDates
			}
			add(p)
		}
	}
	if len(list) > maxParties {
		a := broken("too_many_parties", "the session names more parties than one check can ask for")
		return nil, nil, &a
	}
	return list, unanswered, nil
}

const roleIndividual = "individual"

// ownRole is the role of the applicant's own paper: document_ocr reads the same
// paper without knowing the requirement that gives it one (seed 004: whoever is
// extracted from a requirement's files inherits its entity_role).
func ownRole(entities []entity) string {
	for _, e := range entities {
		if e.Own && e.EntityRole != "" {
			return e.EntityRole
		}
	}
	return roleIndividual
}

// paperEntities reads who document_set found. Papers that were not read at all
// may name anybody, so their parties are unknown and not "none".
func paperEntities(r kyc.CheckRequest) ([]entity, *kyc.Answer) {
	fact, ran := r.Checks["document_set"]
	if !ran {
		asked := slices.ContainsFunc(r.Uploads, func(u kyc.Upload) bool {
			return u.StepID != "" && u.Asked != "" && !u.Superseded && u.RedactedAt.IsZero()
		})
		if asked {
			a := broken("documents_not_read", "document_set has not answered, so it is not known whom the papers name")
			return nil, &a
		}
		return nil, nil
	}
	var entities []entity
	if fact.Status == "error" || !detail(fact.Details, "entities", &entities) {
		a := broken("documents_not_read", "document_set could not answer, so it is not known whom the papers name")
		return nil, &a
	}
	return entities, nil
}

// same reports whether two mentions are certainly one party: equal names with
// the same role and no birth dates that differ. The applicant's own mentions
// may be spelled a little differently; whoever is left apart is asked for
// twice, which finds no less.
func (p party) same(q party) bool {
	if p.company != q.company || p.role != q.role || p.own != q.own || len(p.names) == 0 || len(q.names) == 0 {
		return false
	}
	if p.who.born != "" && q.who.born != "" && p.who.born != q.who.born {
		return false
	}
	likeness := nameLikeness(p.names[0], q.names[0])
	return likeness >= 0.9999 || p.own && likeness >= crossNameMin
}

func (p *party) merge(q party) {
	p.names = distinct(append(p.names, q.names...)...)
	p.sources = append(p.sources, q.sources...)
	p.who.born = first(p.who.born, q.who.born)
	p.born = distinct(append(p.born, q.born...)...)
	p.who.nationality = first(p.who.nationality, q.who.nationality)
	p.who.number = first(p.who.number, q.who.number)
	p.who.personal = first(p.who.personal, q.who.personal)
}

// family is the word of the name that the sandbox looks at.
func (p party) family() string {
	if len(p.names) == 0 {
		return ""
	}
	if p.who.last != "" && !p.company {
		return p.who.last
	}
	w := strings.Fields(p.names[0])
	return w[len(w)-1]
}
