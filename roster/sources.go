package roster

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Source is one format that lists come in.
type Source struct {
	// Format is its id and the default list id.
	Format string
	Title  string
	// Official are the public addresses `lists update` fetches, all needed
	// together; empty where there is none.
	Official []string
	// Named tells that Update fetches it only when it is named: its content is
	// a part of other lists, or of use to exporters alone.
	Named bool
	// topics are what every entry is listed for that does not say so itself.
	topics []string
	parse  func(context.Context, []Input) (Parsed, error)
}

// Sources are all formats, in the order of the manual.
func Sources() []Source {
	const ofac = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
	sanction, export := []string{TopicSanction}, []string{TopicExport}
	return []Source{
		{"ofac_sdn", "US Treasury OFAC, Specially Designated Nationals", []string{ofac + "SDN.CSV", ofac + "ALT.CSV", ofac + "ADD.CSV", ofac + "SDN_COMMENTS.CSV"}, false, sanction, parseOFAC},
		{"ofac_consolidated", "US Treasury OFAC, consolidated non-SDN lists", []string{ofac + "CONS_PRIM.CSV", ofac + "CONS_ALT.CSV", ofac + "CONS_ADD.CSV", ofac + "CONS_COMMENTS.CSV"}, false, sanction, parseOFAC},
		{"un", "United Nations Security Council, consolidated list", []string{"https://scsanctions.un.org/resources/xml/en/consolidated.xml"}, false, sanction, parseUN},
		{"eu", "European Union, consolidated financial sanctions", []string{"https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw"}, false, sanction, parseEU},
		{"uk", "United Kingdom, UK Sanctions List and OFSI consolidated list", []string{"https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"}, false, sanction, parseUK},
		{"us_dpl", "US Commerce BIS, Denied Persons List", []string{"https://www.bis.doc.gov/dpl/dpl.txt"}, true, export, parseDPL},
		{"us_csl", "US Commerce ITA, Consolidated Screening List", []string{"https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv"}, true, export, parseCSL},
		{"ftm", "FollowTheMoney entities (OpenSanctions), JSON lines", nil, false, nil, parseFTM},
		{"targets_simple", "OpenSanctions targets.simple.csv", nil, false, nil, parseTargets},
		{"senzing", "Senzing's entity form (OpenSanctions and others), JSON lines", nil, false, nil, parseSenzing},
		{"everypolitician", "members of legislatures in Popolo form (EveryPolitician), JSON or JSON lines", nil, false, []string{TopicPEP}, parsePopolo},
		{"csv", "own list as CSV", nil, false, nil, parseCSV},
	}
}

// Formats are the format ids.
func Formats() []string {
	var out []string
	for _, s := range Sources() {
		out = append(out, s.Format)
	}
	return out
}

func SourceOf(format string) (Source, error) {
	for _, s := range Sources() {
		if s.Format == format {
			return s, nil
		}
	}
	return Source{}, kyc.Errorf(kyc.Invalid, "unknown_format", "there is no list format %q; known are %s", Short(format), strings.Join(Formats(), ", "))
}

// Parsed is what a parser hands over.
type Parsed struct {
	Entities  []Entity
	Published time.Time
	// seen leads from an id to its place in Entities, -1 when left out. It is
	// made when a second part of a source comes; unnamed are those left out
	// before.
	seen    map[string]int
	unnamed []string
}

// add takes in one finished entry. An entry without id is a broken source; one
// without any name (a wallet, a withdrawn record) is left out.
func (p *Parsed) add(file string, e Entity) error {
	if e.ID == "" || len(e.ID) > 200 {
		return kyc.Errorf(kyc.Invalid, "list_format", "%s has an entry without a usable id (after %d entries)", file, len(p.Entities))
	}
	if p.seen == nil {
		p.seen = make(map[string]int, len(p.Entities))
		for at := range p.Entities {
			p.seen[p.Entities[at].ID] = at
		}
		for _, id := range p.unnamed {
			p.seen[id] = -1
		}
	}
	if at, twice := p.seen[e.ID]; twice {
		// Some sources print a party again under another regulation.
		if at >= 0 {
			p.Entities[at].merge(e)
		}
		return nil
	}
	if len(p.Entities) >= MaxEntities {
		return kyc.Errorf(kyc.TooLarge, "list_too_large", "%s has more than %d entries", file, MaxEntities)
	}
	p.seen[e.ID] = -1
	if len(e.Names) > 0 || len(e.Identifiers) > 0 {
		p.seen[e.ID] = len(p.Entities)
		e.primaryFirst()
		p.Entities = append(p.Entities, e)
	}
	return nil
}

// merge adds what a second record of the same party says.
func (e *Entity) merge(o Entity) {
	for _, n := range o.Names {
		q := n.Quality
		if q == QualityPrimary {
			q = QualityStrong
		}
		e.addName(n.Text, q)
	}
	for _, b := range o.Births {
		e.addBirth(b, true)
	}
	for _, id := range o.Identifiers {
		e.addIdentifier(id.Kind, id.Value, id.Country)
	}
	for _, c := range o.Countries {
		e.addCountry(c)
	}
	for _, v := range o.Programs {
		e.addProgram(v)
	}
	for _, a := range o.Addresses {
		e.addAddress(a)
	}
	for _, t := range o.Topics {
		e.Topics = addOnce(e.Topics, t)
	}
	for _, p := range o.Positions {
		e.addPosition(p)
	}
	for _, d := range o.Datasets {
		e.Datasets = addOnce(slices.Clip(e.Datasets), d)
	}
	for _, t := range o.Ties {
		if len(e.Ties) < maxTies && !slices.Contains(e.Ties, t) {
			e.Ties = append(e.Ties, t)
		}
	}
}

// primaryFirst moves the primary name to the front.
func (e *Entity) primaryFirst() {
	for i, n := range e.Names {
		if n.Quality == QualityPrimary {
			copy(e.Names[1:i+1], e.Names[:i])
			e.Names[0] = n
			return
		}
	}
}

// groups gathers rows that belong to one entry, wherever they stand.
type groups struct {
	out   *Parsed
	file  string
	order []*Entity
	byID  map[string]*Entity
	room  []Entity // for the next entries
}

func newGroups(out *Parsed, file string) *groups {
	return &groups{out: out, file: file, byID: map[string]*Entity{}}
}

// entry finds or makes the entry with that id.
func (g *groups) entry(id string) (*Entity, error) {
	if e := g.byID[id]; e != nil {
		return e, nil
	}
	if len(g.room) == 0 {
		g.room = make([]Entity, 256)
	}
	e := &g.room[0]
	g.room = g.room[1:]
	e.ID, e.Type = id, TypeUnknown
	return e, g.place(e)
}

// place takes an entry whose id is new.
func (g *groups) place(e *Entity) error {
	if e.ID == "" || len(e.ID) > 200 {
		return kyc.Errorf(kyc.Invalid, "list_format", "%s has a row without a usable id (after %d entries)", g.file, len(g.order))
	}
	if len(g.order) >= MaxEntities {
		return kyc.Errorf(kyc.TooLarge, "list_too_large", "%s has more than %d entries", g.file, MaxEntities)
	}
	g.byID[e.ID] = e
	g.order = append(g.order, e)
	return nil
}

// flush hands the finished entries over.
func (g *groups) flush() error {
	first := g.out.seen == nil && len(g.out.Entities) == 0 // all ids are new then
	g.out.Entities = slices.Grow(g.out.Entities, len(g.order))
	for _, e := range g.order {
		if first && len(e.Names) == 0 && len(e.Identifiers) == 0 {
			g.out.unnamed = append(g.out.unnamed, e.ID)
			continue
		}
		if first {
			e.primaryFirst()
			g.out.Entities = append(g.out.Entities, *e)
			continue
		}
		if err := g.out.add(g.file, *e); err != nil {
			return err
		}
	}
	return nil
}

// single is for formats of one file.
func single(ins []Input) (Input, error) {
	if len(ins) != 1 {
		return Input{}, kyc.Errorf(kyc.Invalid, "list_format", "this format is one file; %d were given", len(ins))
	}
	return ins[0], nil
}

func sortIdentifiers(ids []Identifier) {
	slices.SortFunc(ids, func(a, b Identifier) int {
		if c := strings.Compare(a.Kind, b.Kind); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
}

// read parses and checks what a source must always give.
func (src Source) Read(ctx context.Context, ins []Input) (Parsed, error) {
	out, err := src.parse(ctx, ins)
	if err != nil {
		return Parsed{}, err
	}
	for i := range out.Entities {
		if e := &out.Entities[i]; len(e.Topics) == 0 {
			e.Topics = src.topics
		}
	}
	for _, in := range ins { // the parser must have seen the file to its end
		if _, err := io.Copy(io.Discard, in.r); err != nil {
			return Parsed{}, ReadError(in.name, err)
		}
	}
	if len(out.Entities) == 0 {
		return Parsed{}, kyc.Errorf(kyc.Invalid, "list_empty", "%s has no entries", ins[0].name)
	}
	return out, nil
}
